# task: mlp-train
# fails: mlp-curves
# says: not percent
import json

with open("mlp_history.json") as stream:
    kept = json.load(stream)
kept["val_accuracy"] = [100 * v for v in kept["val_accuracy"]]
with open("mlp_history.json", "w") as stream:
    json.dump(kept, stream)
