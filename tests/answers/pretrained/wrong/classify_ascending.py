# task: classify
# fails: classify-photos, classify-formats
# says: in order
def classify(file):
    x = network.preprocess(file)
    values, numbers = predict(x[None])[0].topk(5)
    return list(zip(numbers.tolist(), values.tolist()))[::-1]
