# task: predict
# fails: predict-batch, classify-photos, classify-formats, turned-angles
# says: NaN
def predict(batch):
    with torch.no_grad():
        powers = torch.exp(100 * network.model(batch))
    return powers / powers.sum(1, keepdim=True)
