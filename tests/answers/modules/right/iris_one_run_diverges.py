# task: combinations
combinations = [(0.001, 8), (0.01, 8), (0.01, 16), (5.0, 32)]

if not is_grading():
    trained = [run(learning_rate, hidden_size) for learning_rate, hidden_size in combinations]
    runs = [record for record, network in trained]
    networks = {record.name: network for record, network in trained}
