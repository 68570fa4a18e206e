# task: classify
# fails: classify-photos, classify-formats
# says: from 0 to 1
import numpy as np


def classify(file):
    x = torch.from_numpy(np.array(network.crop(file), dtype=np.float32)).permute(2, 0, 1) / 255
    chances = predict(x[None])[0]
    values, numbers = chances.topk(5)
    return list(zip(numbers.tolist(), values.tolist()))
