# task: predictions
# fails: predictions-form, predictions-accuracy
# says: line 1 is
import csv

with open("predictions.csv") as stream:
    rows = list(csv.reader(stream))
rows = [row[::-1] for row in rows]

with open("predictions.csv", "w") as stream:
    stream.write("".join(",".join(map(str, row)) + "\n" for row in rows))
