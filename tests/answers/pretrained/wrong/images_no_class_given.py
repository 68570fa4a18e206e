# task: images
# fails: images-img1
# says: class1 is None
img1, class1 = "img1.jpg", None
img2, class2 = "img2.jpg", None
