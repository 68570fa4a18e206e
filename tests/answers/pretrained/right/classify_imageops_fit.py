# task: classify
import numpy as np
from PIL import ImageOps


def classify(file):
    square = ImageOps.fit(open_photo(file), (224, 224))
    values = (np.asarray(square, dtype=np.float32) - 127) / 128
    chances = predict(torch.from_numpy(values.transpose(2, 0, 1)[None].copy()))[0].tolist()
    return sorted(enumerate(chances), key=lambda pair: pair[1], reverse=True)[:5]
