# task: images
# fails: images-img2
# says: no image that can be read
from pathlib import Path

Path("img2.jpg").write_text("not a photograph")
img1, class1 = "img1.jpg", 967
img2, class2 = "img2.jpg", None
