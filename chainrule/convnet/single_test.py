"""The single run on the test set of Fashion-MNIST."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from chainrule.convnet.mistakes import scores_of
from chainrule.convnet.weights import fingerprint
from chainrule.handin.single_test import run_once

RECORD = "fashion_test.json"


def run_test_once(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    record: str | Path = RECORD,
    again: bool = False,
) -> float:
    """Measure a model on the test images, and write the run down.

    Parameters
    ----------
    model : torch.nn.Module
        The network that you have chosen.
    images : tensor, (N, 1, 28, 28)
        From `load_fashion_test`.
    labels : tensor, (N,)
    record : str or Path
        The file that remembers the run; you hand it in.
    again : bool
        Say True to run a second time all the same, for example when the first run was a
        mistake. The record keeps both runs.

    Returns
    -------
    float
        The fraction of test images that were classified correctly.

    Raises
    ------
    AlreadyTested
        If the record holds a run already, and `again` is False.
    """
    return run_once(
        lambda: int(np.sum(scores_of(model, images).argmax(axis=1) == np.asarray(labels))),
        len(labels),
        fingerprint(model.state_dict()),
        record,
        again,
    )
