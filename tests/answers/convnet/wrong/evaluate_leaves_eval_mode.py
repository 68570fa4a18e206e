# task: evaluate
# fails: evaluate-check
# says: leaves it in evaluation mode
import torch


def evaluate(model, loader):
    before = model.training
    model.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    return right / total
