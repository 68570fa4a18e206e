# task: combinations
# fails: iris-runs
# says: same hidden size
combinations = [(0.003, 16), (0.001, 16), (0.01, 16), (0.02, 16)]

if not is_grading():
    trained = [run(learning_rate, hidden_size) for learning_rate, hidden_size in combinations]
    runs = [record for record, network in trained]
    networks = {record.name: network for record, network in trained}
