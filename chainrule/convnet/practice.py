"""A model and a loader that write down what is done with them.

The checks of `train` and `evaluate` use them in place of a network and a data set:
they learn in a moment, and afterwards the checks can read how they were used.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from chainrule.convnet.loaders import make_loader


class PracticeModel(nn.Module):
    """A linear classifier of tiny images that keeps a record.

    The first pixel of an image is its number; the others are the features.

    Parameters
    ----------
    kind : {"learner", "scores"}
        ``learner`` has weights that begin at zero. ``scores`` learns nothing: the
        features are the scores, and in training mode they are turned round, as if
        dropout had spoiled them.
    features, classes : int
        For a learner.

    Raises
    ------
    ValueError
        For another kind.
    """

    def __init__(self, kind: str = "learner", features: int = 15, classes: int = 3) -> None:
        super().__init__()
        if kind not in ("learner", "scores"):
            raise ValueError(f"kind is {kind!r}; learner or scores is expected")
        self.kind = kind
        shape = (features, classes) if kind == "learner" else (1,)
        self.weight = nn.Parameter(torch.zeros(shape) if kind == "learner" else torch.ones(shape))
        self.passes: list[dict] = []
        self.backwards: list[dict] = []
        self._fresh: torch.Tensor | None = None
        self._before: torch.Tensor | None = None
        self.weight.register_hook(self._keep_fresh)
        self.weight.register_post_accumulate_grad_hook(self._compare)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores, (N, classes), and write the pass down."""
        flat = images.flatten(1)
        numbers = [int(n) for n in flat[:, 0].round().tolist()]
        grad = torch.is_grad_enabled()
        self.passes.append({"images": numbers, "training": self.training, "grad": grad})
        scores = self._scores(flat[:, 1:])
        if grad and scores.requires_grad:
            entry = {"images": numbers, "training": self.training, "scores": scores.detach()}
            scores.register_hook(lambda gradient: self._keep_backward(entry, gradient))
        return scores

    def _scores(self, features):
        if self.kind == "learner":
            return features @ self.weight
        return features * self.weight * (-1.0 if self.training else 1.0)

    def _keep_backward(self, entry: dict, gradient) -> None:
        self.backwards.append({**entry, "gradient": gradient.detach().clone(), "stale": False})

    def _keep_fresh(self, gradient) -> None:
        self._fresh = gradient.detach().clone()

    def _compare(self, weight) -> None:
        """Notice a gradient of an earlier step in the sum: nobody has cleared it."""
        now = weight.detach().clone()
        added = self._fresh is not None and not torch.equal(weight.grad, self._fresh)
        stepped = self._before is not None and not torch.equal(now, self._before)
        if added and stepped and self.backwards:
            self.backwards[-1]["stale"] = True
        self._before = now


def practice_model(kind: str = "learner", training: bool = True) -> PracticeModel:
    """Make a practice model in training or evaluation mode; see `PracticeModel`."""
    model = PracticeModel(kind)
    model.train(training)
    return model


def practice_loader(
    images: np.ndarray | torch.Tensor, labels: np.ndarray | torch.Tensor, batch_size: int
) -> DataLoader:
    """Make a loader of minibatches in the given order; the last may be smaller."""
    return make_loader(torch.as_tensor(images).float(), torch.as_tensor(labels).long(), batch_size)


def practice_report(model: PracticeModel, images: np.ndarray | torch.Tensor | None = None) -> dict:
    """Say what was done with a practice model.

    Parameters
    ----------
    model : PracticeModel
    images : array, optional
        Also return the model's scores for these, in evaluation mode.

    Returns
    -------
    dict
        ``training``: the model's mode now. ``passes``: for each forward pass the
        numbers of the images, the mode, and whether gradients were recorded.
        ``backwards``: the same for each backward pass, with ``scores``, their
        ``gradient``, and ``stale``: whether the gradient of an earlier step was still
        in the sum. ``weight``: the weights now. ``scores``: for `images`.
    """
    report = {
        "training": model.training,
        "passes": [dict(entry) for entry in model.passes],
        "backwards": [
            {**entry, "scores": entry["scores"].numpy(), "gradient": entry["gradient"].numpy()}
            for entry in model.backwards
        ],
        "weight": model.weight.detach().clone().numpy(),
    }
    if images is not None:
        features = torch.as_tensor(images).float().flatten(1)[:, 1:]
        with torch.no_grad():
            report["scores"] = (features @ model.weight).numpy()
    return report
