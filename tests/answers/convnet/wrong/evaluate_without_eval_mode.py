# task: evaluate
# fails: evaluate-check, train-clean
# says: The model was in training mode
import torch


def evaluate(model, loader):
    before = model.training
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    model.train(before)
    return right / total
