# task: network
from chainrule.modules import Network


class NeuralNetwork(Network):
    def forward(self, X):
        from functools import reduce

        return reduce(lambda signal, layer: layer.forward(signal), self.layers, X)

    def backward(self, target, out):
        loss = self.loss.forward(target, out)
        grad = self.loss.backward(target, out)
        for layer in self.layers[::-1]:
            grad = layer.backward(grad)
        return loss

    def predict(self, X, Y):
        Y_hat = self.forward(X)
        return Y_hat, self.loss.forward(Y, Y_hat)
