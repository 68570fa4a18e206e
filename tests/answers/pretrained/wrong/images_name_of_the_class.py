# task: images
# fails: images-img1
# says: idx2label.search
img1, class1 = "img1.jpg", "espresso"
img2, class2 = "img2.jpg", None
