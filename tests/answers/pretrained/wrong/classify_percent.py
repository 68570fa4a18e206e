# task: classify
# fails: classify-photos, classify-formats
# says: between 0 and 1
def classify(file):
    x = network.preprocess(file)
    values, numbers = predict(x[None])[0].topk(5)
    return [(number, 100 * value) for number, value in zip(numbers.tolist(), values.tolist())]
