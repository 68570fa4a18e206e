# task: test
# fails: test-run
# says: no test run yet
import os

os.remove("test_run.json")
