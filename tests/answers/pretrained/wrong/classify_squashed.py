# task: classify
# fails: classify-photos, classify-formats
# says: squashed
def classify(file):
    x = network.normalise(open_photo(file).resize((224, 224)))
    chances = predict(x[None])[0]
    values, numbers = chances.topk(5)
    return list(zip(numbers.tolist(), values.tolist()))
