# task: images
# fails: images-img1
# says: photograph of the course
from chainrule.pretrained import keep_photo, photo

img1, class1 = keep_photo(photo("cameraman"), "mine.jpg"), 872
img2, class2 = "img2.jpg", None
