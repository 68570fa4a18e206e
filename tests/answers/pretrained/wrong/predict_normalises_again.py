# task: predict
# fails: predict-batch, classify-photos, classify-formats
# says: normalise
def predict(batch):
    with torch.no_grad():
        return torch.softmax(network.model((batch - 0.45) / 0.22), 1)
