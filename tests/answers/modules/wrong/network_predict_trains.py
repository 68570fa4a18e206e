# task: network
# fails: network-predict
# says: changes the parameters
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
        loss = self.loss.forward(Y, Y_hat)
        kept = [dict(layer.gradients) for layer in self.layers]
        self.backward(Y, Y_hat)
        self.update(0)
        for layer, own in zip(self.layers, kept):
            layer.gradients = own
        return Y_hat, loss
