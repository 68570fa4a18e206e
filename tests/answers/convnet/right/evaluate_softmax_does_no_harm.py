# task: evaluate
import numpy as np
import torch


def evaluate(model, loader):
    was = model.training
    model.eval()
    found, wanted = [], []
    try:
        with torch.no_grad():
            for x, y in loader:
                found.append(torch.softmax(model(x), dim=1).numpy().argmax(axis=1))
                wanted.append(y.numpy())
    finally:
        model.train(was)
    return float(np.mean(np.concatenate(found) == np.concatenate(wanted)))
