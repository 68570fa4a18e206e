# task: predictions
# fails: predictions-form, predictions-accuracy
# says: line 10002 has Id 1
import csv

with open("predictions.csv") as stream:
    rows = list(csv.reader(stream))
rows += rows[1:]

with open("predictions.csv", "w") as stream:
    stream.write("".join(",".join(map(str, row)) + "\n" for row in rows))
