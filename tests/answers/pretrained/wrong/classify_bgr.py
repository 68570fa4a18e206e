# task: classify
# fails: classify-photos, classify-formats
# says: Red and blue
import numpy as np
from PIL import Image


def classify(file):
    pixels = np.array(network.crop(file))
    x = network.normalise(Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1])))
    chances = predict(x[None])[0]
    values, numbers = chances.topk(5)
    return list(zip(numbers.tolist(), values.tolist()))
