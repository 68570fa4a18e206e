# task: classify
import numpy as np


def classify(file):
    chances = predict(network.preprocess(open_photo(file))[None]).numpy()[0]
    best = np.argsort(chances)[-5:][::-1]
    return tuple((k, chances[k]) for k in best)
