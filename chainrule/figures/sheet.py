"""Images of each class side by side, as one image."""

import numpy as np


def examples_of_classes(images: np.ndarray, labels: np.ndarray, rows: int) -> np.ndarray:
    """Put the first images of ten classes into columns, two pixels of white between them.

    Parameters
    ----------
    images : ndarray, (N, side, side, 3), uint8
    labels : ndarray, (N,), int
        From 0 to 9.
    rows : int
        Images of each class, from 1 to 10.

    Returns
    -------
    ndarray, (height, width, 3), uint8

    Raises
    ------
    ValueError
        For another number of rows.
    """
    if not 1 <= rows <= 10:
        raise ValueError(f"rows is {rows}; 1 to 10 images of each class can be drawn")
    side = images.shape[1]
    cell = side + 2
    sheet = np.full((rows * cell - 2, 10 * cell - 2, 3), 255, np.uint8)
    for column in range(10):
        for row, place in enumerate(np.flatnonzero(labels == column)[:rows]):
            top, left = row * cell, column * cell
            sheet[top : top + side, left : left + side] = images[place]
    return sheet
