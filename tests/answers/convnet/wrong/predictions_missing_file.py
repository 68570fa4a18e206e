# task: predictions
# fails: predictions-form, predictions-accuracy
# says: There is no file predictions.csv
import os

os.remove("predictions.csv")
