# task: predict
# fails: predict-batch, classify-photos, classify-formats, turned-angles
# says: scores
def predict(batch):
    with torch.no_grad():
        return network.model(batch)
