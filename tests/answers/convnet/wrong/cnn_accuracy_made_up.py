# task: cnn-train
# fails: cnn-weights
# says: no epoch in cnn_history.json comes near
save_history("cnn_history.json", [0.5, 0.1], [0.98, 0.99], [0.98, 0.99])
