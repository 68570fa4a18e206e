# task: network-train
# fails: network-curve
# says: at least 8 are
from chainrule.convnet.history import save_history

save_history("cifar10_history.json", [1.5, 1.2, 1.0], [0.4, 0.5, 0.6], [0.4, 0.5, 0.6])
