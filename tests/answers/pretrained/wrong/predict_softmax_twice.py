# task: predict
# fails: predict-batch, classify-photos, classify-formats, turned-angles
# says: once more
def predict(batch):
    with torch.no_grad():
        return torch.softmax(torch.softmax(network.model(batch), 1), 1)
