# task: predictions
# fails: predictions-form, predictions-accuracy
# says: has Category 10
import csv

with open("predictions.csv") as stream:
    rows = list(csv.reader(stream))
rows[1:] = [[k, int(v) + 1] for k, v in rows[1:]]

with open("predictions.csv", "w") as stream:
    stream.write("".join(",".join(map(str, row)) + "\n" for row in rows))
