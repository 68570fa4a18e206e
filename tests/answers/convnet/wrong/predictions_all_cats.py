# task: predictions
# fails: predictions-form, predictions-accuracy
# says: the same class
import csv

with open("predictions.csv") as stream:
    rows = list(csv.reader(stream))
rows[1:] = [[k, 3] for k, v in rows[1:]]

with open("predictions.csv", "w") as stream:
    stream.write("".join(",".join(map(str, row)) + "\n" for row in rows))
