# task: images
# fails: images-img1, images-img2
# says: first prediction
img1, class1 = "img2.jpg", 339
img2, class2 = "img1.jpg", 967
