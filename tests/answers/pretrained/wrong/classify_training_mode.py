# task: classify
# fails: classify-photos, classify-formats
# says: training mode
def classify(file):
    x = network.preprocess(file)
    with torch.no_grad():
        chances = network.model.train()(torch.stack([x, x.flip(2)])).softmax(1)[0]
    values, numbers = chances.topk(5)
    return list(zip(numbers.tolist(), values.tolist()))
