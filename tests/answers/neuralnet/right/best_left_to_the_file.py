# task: best
best_settings = dict(default_settings, hidden_dim=64)
