# task: images
# fails: images-img1
# says: first prediction
img1, class1 = "img1.jpg", 504
img2, class2 = "img2.jpg", None
