# task: combinations
combinations = [(0.005, 10), (0.01, 10), (0.005, 20), (0.01, 20)]

if not is_grading():
    trained = [run(learning_rate, hidden_size) for learning_rate, hidden_size in combinations]
    runs = [record for record, network in trained]
    networks = {record.name: network for record, network in trained}
