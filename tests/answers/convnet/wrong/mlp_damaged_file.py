# task: mlp-train
# fails: mlp-weights, mlp-curves
# says: damaged
with open("mlp.pt", "r+b") as stream:
    stream.truncate(2000)
