# task: classify
# fails: classify-photos, classify-formats
# says: 1 too large
def classify(file):
    x = network.preprocess(file)
    values, numbers = predict(x[None])[0].topk(5)
    return [(number + 1, value) for number, value in zip(numbers.tolist(), values.tolist())]
