# task: classify
def classify(file):
    values, numbers = predict(network.preprocess(file)[None])[0].topk(5)
    return [[n, v] for n, v in zip(numbers, values)]
