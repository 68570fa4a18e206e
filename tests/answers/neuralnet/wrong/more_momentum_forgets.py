# task: more-momentum
# fails: more-momentum-check
# says: plain SGD
class SGDMomentum(Optimizer):
    def __init__(self, params, learning_rate, momentum=0.9):
        super().__init__(params)
        self.learning_rate = learning_rate

    def update(self, name, param, grad):
        param -= self.learning_rate * grad
