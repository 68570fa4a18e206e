# task: classify
# fails: classify-formats, classify-photos
# says: classify stops at a PNG with transparent pixels
# says: open_photo
from PIL import Image
import numpy as np
from chainrule.pretrained import resize_and_crop


def classify(file):
    x = torch.from_numpy(np.array(resize_and_crop(Image.open(file)), dtype=np.float32))
    x = (x.permute(2, 0, 1) - 127) / 128
    chances = predict(x[None])[0]
    values, numbers = chances.topk(5)
    return list(zip(numbers.tolist(), values.tolist()))
