# task: train
import torch
import torch.nn.functional as F


def train(model, trainloader, valloader, num_epoch=10):
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    curves = [[], [], []]
    for epoch in range(num_epoch):
        model.train()
        losses, hits = [], []
        optimizer.zero_grad()
        for step, (x, y) in enumerate(trainloader):
            scores = model(x)
            loss = F.cross_entropy(scores, y)
            (loss / 2).backward()
            losses.append(loss.item())
            hits.append((scores.argmax(1) == y).float())
            if step % 2 == 1 or step == len(trainloader) - 1:
                optimizer.step()
                optimizer.zero_grad()
        curves[0].append(sum(losses) / len(losses))
        curves[1].append(torch.cat(hits).mean())
        curves[2].append(evaluate(model, valloader))
    return curves
