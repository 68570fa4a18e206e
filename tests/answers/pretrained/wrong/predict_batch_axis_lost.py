# task: predict
# fails: predict-batch, turned-angles
# says: axis of the minibatch
def predict(batch):
    with torch.no_grad():
        return torch.softmax(network.model(batch)[0], 0)
