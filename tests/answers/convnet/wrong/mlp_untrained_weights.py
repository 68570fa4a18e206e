# task: mlp-train
# fails: mlp-weights, mlp-curves
# says: near guessing
from chainrule.convnet.weights import save_weights

torch.manual_seed(1)
save_weights(make_mlp(), "mlp.pt")
