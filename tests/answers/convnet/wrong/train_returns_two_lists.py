# task: train
# fails: train-returns, train-learns, train-clean
# says: three lists are expected
import torch
import torch.nn.functional as F


def train(model, trainloader, valloader, num_epoch=10):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses, train_acc, val_acc = [], [], []
    for epoch in range(num_epoch):
        model.train()
        total = right = count = 0
        for x, y in trainloader:
            optimizer.zero_grad()
            scores = model(x)
            loss = F.cross_entropy(scores, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            right += (scores.argmax(1) == y).sum().item()
            count += len(y)
        losses.append(total / count)
        train_acc.append(right / count)
        val_acc.append(evaluate(model, valloader))
    return losses, val_acc
