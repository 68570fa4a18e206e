# task: mlp-train
# fails: mlp-weights, mlp-curves
# says: not a tensor
model = make_mlp()
torch.save({"model": model.state_dict(), "epoch": 8}, "mlp.pt")
