# task: classify
# fails: classify-photos, classify-formats
# says: idx2label
def classify(file):
    x = network.preprocess(file)
    values, numbers = predict(x[None])[0].topk(5)
    return [(network.idx2label[number], value) for number, value in zip(numbers.tolist(), values.tolist())]
