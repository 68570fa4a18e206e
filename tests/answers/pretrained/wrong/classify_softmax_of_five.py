# task: classify
# fails: classify-photos, classify-formats
# says: sum to 1
def classify(file):
    x = network.preprocess(file)
    values, numbers = network.model(x[None])[0].topk(5)
    return list(zip(numbers.tolist(), values.softmax(0).tolist()))
