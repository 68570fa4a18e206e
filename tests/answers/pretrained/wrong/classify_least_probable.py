# task: classify
# fails: classify-photos, classify-formats
# says: most probable
def classify(file):
    x = network.preprocess(file)
    values, numbers = predict(x[None])[0].topk(5, largest=False)
    return list(zip(numbers.tolist(), values.tolist()))
