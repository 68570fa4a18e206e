# task: predict
# fails: predict-batch, classify-photos, classify-formats, turned-angles
# says: logarithms
def predict(batch):
    with torch.no_grad():
        return torch.log_softmax(network.model(batch), 1)
