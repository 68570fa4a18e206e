"""The assignment ``backprop``: its checks and its figures of computational graphs."""
