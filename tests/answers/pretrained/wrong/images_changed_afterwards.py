# task: images
# fails: images-img1
# says: another file
from chainrule.pretrained import keep_photo

img1, class1 = keep_photo("img1.jpg", "img1.jpg"), 967
img2, class2 = "img2.jpg", None
