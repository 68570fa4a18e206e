# task: images
import numpy as np

img1, class1 = "img1.jpg", np.int64(967)
img2, class2 = "img2.jpg", 339
