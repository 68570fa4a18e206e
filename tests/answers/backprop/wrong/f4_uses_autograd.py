# task: f4
# fails: f4-operators, f4-backward
# says: works the derivatives out for you
import torch


def f4(x, y):
    a = torch.tensor(float(x), dtype=torch.float64, requires_grad=True)
    b = torch.tensor(float(y), dtype=torch.float64, requires_grad=True)
    L = torch.exp(a * b / (a + b) ** 2 + 1.0)
    L.backward()
    return L.item(), (a.grad.item(), b.grad.item())
