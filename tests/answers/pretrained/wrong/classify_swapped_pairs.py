# task: classify
# fails: classify-photos, classify-formats
# says: swapped
def classify(file):
    x = network.preprocess(file)
    values, numbers = predict(x[None])[0].topk(5)
    return list(zip(values.tolist(), numbers.tolist()))
