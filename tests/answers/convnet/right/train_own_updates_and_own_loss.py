# task: train
import torch


def train(model, trainloader, valloader, num_epoch=10):
    weights = [p for p in model.parameters() if p.requires_grad]
    speeds = [torch.zeros_like(p) for p in weights]
    out = [[], [], []]
    for epoch in range(num_epoch):
        model.train()
        sums = torch.zeros(3)
        for x, y in trainloader:
            scores = model(x)
            logs = scores - scores.logsumexp(dim=1, keepdim=True)
            loss = -logs[torch.arange(len(y)), y].mean()
            grads = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                for p, v, g in zip(weights, speeds, grads):
                    v.mul_(0.9).add_(g)
                    p.sub_(0.01 * v)
            sums += torch.tensor([float(loss.detach()) * len(y), (scores.argmax(1) == y).sum(), len(y)])
        out[0].append(float(sums[0] / sums[2]))
        out[1].append(float(sums[1] / sums[2]))
        out[2].append(evaluate(model, valloader))
    return tuple(out)
