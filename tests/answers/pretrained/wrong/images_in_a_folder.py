# task: images
# fails: images-img1
# says: beside the notebook
img1, class1 = "photos/img1.jpg", 967
img2, class2 = "img2.jpg", None
