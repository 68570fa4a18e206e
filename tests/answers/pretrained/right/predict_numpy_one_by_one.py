# task: predict
import numpy as np


def predict(batch):
    rows = []
    for image in batch:
        with torch.inference_mode():
            scores = network.model(image[None])[0].numpy()
        rows.append(np.exp(scores - np.logaddexp.reduce(scores)))
    return torch.from_numpy(np.stack(rows))
