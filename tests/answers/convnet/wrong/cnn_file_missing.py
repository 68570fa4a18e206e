# task: cnn-train
# fails: cnn-weights, cnn-test, test-record
# says: There is no file cnn.pt
import os

os.remove("cnn.pt")
