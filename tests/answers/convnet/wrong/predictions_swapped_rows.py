# task: predictions
# fails: predictions-form, predictions-accuracy
# says: line 501 has Id 501
import csv

with open("predictions.csv") as stream:
    rows = list(csv.reader(stream))
rows[500], rows[501] = rows[501], rows[500]

with open("predictions.csv", "w") as stream:
    stream.write("".join(",".join(map(str, row)) + "\n" for row in rows))
