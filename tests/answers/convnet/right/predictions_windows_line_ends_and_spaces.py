# task: predictions
import csv

with open("predictions.csv") as stream:
    rows = list(csv.reader(stream))

with open("predictions.csv", "w", newline="") as stream:
    stream.write("\ufeff" + "".join(", ".join(row) + "\r\n" for row in rows) + "\r\n")
