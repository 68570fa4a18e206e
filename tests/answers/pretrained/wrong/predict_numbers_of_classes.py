# task: predict
# fails: predict-batch, classify-photos, classify-formats, turned-angles
# says: 1,000
def predict(batch):
    with torch.no_grad():
        return network.model(batch).argmax(1)
