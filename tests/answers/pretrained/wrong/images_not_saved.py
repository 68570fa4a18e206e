# task: images
# fails: images-img1, images-img2
# says: no predictions.json
from pathlib import Path

Path("predictions.json").unlink()
img1, class1 = "img1.jpg", 967
img2, class2 = "img2.jpg", None
