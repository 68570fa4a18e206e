# task: mlp-train
# fails: mlp-weights, mlp-curves
# says: holds more than weights
torch.save(make_mlp(), "mlp.pt")
