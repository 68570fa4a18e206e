# task: predictions
# fails: predictions-form, predictions-accuracy
# says: line 2 has Id 0
# says: Ids begin at 1
import csv

with open("predictions.csv") as stream:
    rows = list(csv.reader(stream))
rows[1:] = [[k, row[1]] for k, row in enumerate(rows[1:])]

with open("predictions.csv", "w") as stream:
    stream.write("".join(",".join(map(str, row)) + "\n" for row in rows))
