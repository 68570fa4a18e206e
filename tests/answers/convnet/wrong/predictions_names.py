# task: predictions
# fails: predictions-form, predictions-accuracy
# says: line 2: Category is
import csv

with open("predictions.csv") as stream:
    rows = list(csv.reader(stream))
names = "plane car bird cat deer dog frog horse ship truck".split()
rows[1:] = [[k, names[int(v)]] for k, v in rows[1:]]

with open("predictions.csv", "w") as stream:
    stream.write("".join(",".join(map(str, row)) + "\n" for row in rows))
