# task: network
from chainrule.modules import Network


class NeuralNetwork(Network):
    def forward(self, X):
        out = X
        for layer in self.layers:
            out = layer.forward(out)
        return out

    def backward(self, target, out):
        loss = self.loss.forward(target, out)
        grad = self.loss.backward(target, out)
        for k in range(len(self.layers) - 1, -1, -1):
            grad = self.layers[k].backward(grad)
        return loss

    def predict(self, X, Y):
        signal = X
        for place in range(len(self.layers)):
            signal = self.layers[place].forward(signal)
        return [signal, self.loss.forward(Y, signal)]
