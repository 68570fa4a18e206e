# task: predict
# fails: predict-batch, classify-photos, classify-formats, turned-angles
# says: training mode
# says: two different answers
def predict(batch):
    network.model.train()
    with torch.no_grad():
        return torch.softmax(network.model(batch), 1)
