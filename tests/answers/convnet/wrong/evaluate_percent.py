# task: evaluate
# fails: evaluate-check, train-returns, train-learns, train-clean
# says: in percent
import torch


def evaluate(model, loader):
    before = model.training
    model.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    model.train(before)
    return 100 * right / total
