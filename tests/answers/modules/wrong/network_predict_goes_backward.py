# task: network
# fails: network-predict
# says: changes the gradients
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
        for layer in self.layers[::-1]:
            grad = layer.backward(grad)
        return loss

    def predict(self, X, Y):
        Y_hat = self.forward(X)
        return Y_hat, self.backward(Y, Y_hat)
