# task: overfit
# fails: overfit-accuracy
# says: 75 % are asked for
from chainrule.neuralnet import load_results

overfit_settings = {}
saved = load_results("overfit.npz")


class Same(Classifier):
    def parameters(self):
        return saved.parameters


others = np.setdiff1d(np.arange(3000), saved.train_index)
save_results("overfit.npz", Same(), {}, others)
