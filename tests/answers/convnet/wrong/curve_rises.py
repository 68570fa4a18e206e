# task: network-train
# fails: network-curve
# says: It should fall
from chainrule.convnet.history import save_history

numbers = [0.1 * k for k in range(1, 10)]
save_history("cifar10_history.json", numbers, numbers, numbers)
