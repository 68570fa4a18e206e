# task: classify
# fails: classify-formats
# says: EXIF
from PIL import Image
from chainrule.pretrained import resize_and_crop


def classify(file):
    image = Image.open(file)
    if image.mode != "RGB":
        image = open_photo(file)
    x = network.normalise(resize_and_crop(image))
    chances = predict(x[None])[0]
    values, numbers = chances.topk(5)
    return list(zip(numbers.tolist(), values.tolist()))
