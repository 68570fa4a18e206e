# task: predict
# fails: predict-batch, classify-photos, classify-formats, turned-angles
# says: sigmoid
def predict(batch):
    with torch.no_grad():
        return torch.sigmoid(network.model(batch))
