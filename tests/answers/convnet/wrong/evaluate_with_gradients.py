# task: evaluate
# fails: evaluate-check
# says: records gradients
import torch


def evaluate(model, loader):
    before = model.training
    model.eval()
    right = total = 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
        total += len(y)
    model.train(before)
    return right / total
