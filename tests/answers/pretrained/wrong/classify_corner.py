# task: classify
# fails: classify-photos, classify-formats
# says: corner
def classify(file):
    image = open_photo(file)
    scale = 256 / min(image.size)
    image = image.resize([round(side * scale) for side in image.size], 3)
    x = network.normalise(image.crop((0, 0, 224, 224)))
    chances = predict(x[None])[0]
    values, numbers = chances.topk(5)
    return list(zip(numbers.tolist(), values.tolist()))
