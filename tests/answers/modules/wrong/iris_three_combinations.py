# task: combinations
# fails: iris-runs
# says: 3 different combinations
combinations = [(0.001, 8), (0.01, 8), (0.001, 16)]

if not is_grading():
    trained = [run(learning_rate, hidden_size) for learning_rate, hidden_size in combinations]
    runs = [record for record, network in trained]
    networks = {record.name: network for record, network in trained}
