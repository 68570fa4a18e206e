# task: evaluate
# fails: evaluate-check, train-returns
# says: mean over the batches
import torch


def evaluate(model, loader):
    before = model.training
    model.eval()
    accuracies = []
    with torch.no_grad():
        for x, y in loader:
            accuracies.append((model(x).argmax(1) == y).float().mean().item())
    model.train(before)
    return sum(accuracies) / len(accuracies)
