# task: classify
# fails: classify-photos, classify-formats
# says: five pairs
def classify(file):
    x = network.preprocess(file)
    values, numbers = predict(x[None])[0].topk(3)
    return list(zip(numbers.tolist(), values.tolist()))
