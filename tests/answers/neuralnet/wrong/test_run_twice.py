# task: test
# fails: test-run
# says: 2 runs
import json

with open("test_run.json") as file:
    record = json.load(file)
record["runs"].append(dict(record["runs"][0]))
with open("test_run.json", "w") as file:
    json.dump(record, file)
