# task: predict
# fails: predict-batch, classify-photos, classify-formats
# says: changes the images
def predict(batch):
    batch -= 0.45
    with torch.no_grad():
        return torch.softmax(network.model(batch), 1)
