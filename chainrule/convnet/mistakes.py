"""See what a network gets wrong: scores, confusion matrix, confident mistakes."""

from __future__ import annotations

import numpy as np
import torch


@torch.inference_mode()
def scores_of(model: torch.nn.Module, images: torch.Tensor, batch_size: int = 500) -> np.ndarray:
    """Return a model's scores for images, in evaluation mode; its mode is put back after.

    Parameters
    ----------
    model : torch.nn.Module
    images : tensor, (N, C, H, W)
    batch_size : int

    Returns
    -------
    ndarray, (N, classes), float32
    """
    parameter = next(iter(model.parameters()), None)
    place = images.device if parameter is None else parameter.device
    modes = {module: module.training for module in model.modules()}
    found = []
    try:
        model.eval()  # dropout and batch normalisation
        for start in range(0, len(images), batch_size):
            part = images[start : start + batch_size].to(place)
            found.append(model(part).float().cpu().numpy())
    finally:
        for module, mode in modes.items():
            module.training = mode
    return np.concatenate(found)


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, classes: int = 10) -> np.ndarray:
    """Count how often images of each class are taken for each class.

    Parameters
    ----------
    labels, predictions : ndarray, (N,), int
    classes : int

    Returns
    -------
    ndarray, (classes, classes), int64
        Row: what the image is. Column: what the network says.

    Raises
    ------
    ValueError
        If there are not as many labels as predictions, or a class does not exist.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(f"labels {labels.shape} and predictions {predictions.shape} do not match")
    for values in (labels, predictions):
        if values.size and not (0 <= values.min() and values.max() < classes):
            raise ValueError(f"classes run from 0 to {classes - 1}")
    counts = np.bincount(labels * classes + predictions, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def confident_mistakes(scores: np.ndarray, labels: np.ndarray, count: int = 12) -> list[dict]:
    """Find the wrong images of which the network is most sure.

    Parameters
    ----------
    scores : ndarray, (N, classes)
    labels : ndarray, (N,), int
    count : int
        At most this many.

    Returns
    -------
    list of dict
        With ``row``, ``label``, ``prediction`` and ``confidence``, the probability in
        [0, 1] that the network gives to its prediction; the surest first.
    """
    scores, labels = np.asarray(scores, np.float64), np.asarray(labels)
    shifted = scores - scores.max(axis=1, keepdims=True)
    sure = 1.0 / np.exp(shifted).sum(axis=1)
    predictions = scores.argmax(axis=1)
    wrong = np.flatnonzero(predictions != labels)
    chosen = wrong[np.argsort(-sure[wrong], kind="stable")][:count]
    return [
        {
            "row": int(row),
            "label": int(labels[row]),
            "prediction": int(predictions[row]),
            "confidence": float(sure[row]),
        }
        for row in chosen
    ]
