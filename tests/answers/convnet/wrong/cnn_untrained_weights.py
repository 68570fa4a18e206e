# task: cnn-train
# fails: cnn-weights, cnn-test, test-record
# says: no epoch in cnn_history.json
torch.manual_seed(3)
save_weights(make_cnn(), "cnn.pt")
