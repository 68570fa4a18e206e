# task: predictions
# fails: predictions-form, predictions-accuracy
# says: which is no whole number
import csv

with open("predictions.csv") as stream:
    rows = list(csv.reader(stream))
rows[1:] = [[k, f"{float(v):.1f}"] for k, v in rows[1:]]

with open("predictions.csv", "w") as stream:
    stream.write("".join(",".join(map(str, row)) + "\n" for row in rows))
