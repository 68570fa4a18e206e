# task: build
# fails: iris-best, iris-test-error
# says: activation relu
from chainrule.modules import SGD


def build_network(learning_rate, hidden_size, seed=0):
    first = mine.FullyConnected(hidden_size, "tanh", seed=seed)
    last = mine.FullyConnected(3, "softmax", seed=seed + 100)
    optimizer = SGD(learning_rate, momentum=0.9)
    return mine.NeuralNetwork([first, last], mine.CrossEntropy(), optimizer)
