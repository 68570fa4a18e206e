"""The test set is used once, and the run is written down."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from chainrule.convnet.mistakes import scores_of
from chainrule.convnet.weights import fingerprint
from chainrule.neuralnet.single_test import read_record, refuse_second_run

RECORD = "fashion_test.json"


def run_test_once(model, images, labels, record: str | Path = RECORD, again: bool = False) -> float:
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
    path = Path(record)
    if not again:
        refuse_second_run(path)
    runs = read_record(path) if path.exists() else []
    right = int(np.sum(scores_of(model, images).argmax(axis=1) == np.asarray(labels)))
    runs.append(
        {
            "time": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "accuracy": right / len(labels),
            "images": len(labels),
            "model": fingerprint(model.state_dict()),
        }
    )
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(json.dumps({"runs": runs}, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return right / len(labels)
