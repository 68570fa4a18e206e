# task: images
# fails: images-img2
# says: wrong
img1, class1 = "img1.jpg", 967
img2, class2 = "img2.jpg", 268
