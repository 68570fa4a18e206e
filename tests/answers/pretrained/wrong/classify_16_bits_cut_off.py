# task: classify
# fails: classify-formats
# says: EXIF
from PIL import Image, ImageOps
from chainrule.pretrained import resize_and_crop


def classify(file):
    image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
    x = network.normalise(resize_and_crop(image))
    chances = predict(x[None])[0]
    values, numbers = chances.topk(5)
    return list(zip(numbers.tolist(), values.tolist()))
