# task: images
# fails: images-img2
# says: There is no file
img1, class1 = "img1.jpg", 967
img2, class2 = "img_2.jpg", None
