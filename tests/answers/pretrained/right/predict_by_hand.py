# task: predict
def predict(batch):
    with torch.no_grad():
        scores = network.model(batch)
    powers = torch.exp(scores - scores.max(dim=1, keepdim=True).values)
    return powers / powers.sum(dim=1, keepdim=True)
