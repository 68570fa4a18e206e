"""Learning rates that change from epoch to epoch."""

from __future__ import annotations

import math


class Constant:
    """Keep the learning rate as it is."""

    def __call__(self, lr: float, epoch: int) -> float:
        """Return the learning rate of an epoch."""
        return lr

    def __repr__(self) -> str:
        return "Constant()"


class Exponential:
    """Multiply the learning rate by ``decay`` once every ``stage_length`` epochs.

    Between two stages it falls smoothly: ``lr * decay ** (epoch / stage_length)``.
    With a staircase it stays the same within a stage.

    Parameters
    ----------
    decay : float
        Greater than 0; less than 1 for a rate that falls.
    stage_length : float
        Epochs in a stage, greater than 0.
    staircase : bool
        Round ``epoch / stage_length`` down.

    Raises
    ------
    ValueError
        If `decay` or `stage_length` is not positive.
    """

    def __init__(self, decay: float, stage_length: float = 1, staircase: bool = False) -> None:
        if not decay > 0:
            raise ValueError(f"decay is {decay}; it has to be positive")
        if not stage_length > 0:
            raise ValueError(f"stage_length is {stage_length}; it has to be positive")
        self.decay = decay
        self.stage_length = stage_length
        self.staircase = staircase

    def __call__(self, lr: float, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0."""
        stages = epoch / self.stage_length
        return lr * self.decay ** (math.floor(stages) if self.staircase else stages)

    def __repr__(self) -> str:
        return f"Exponential({self.decay}, {self.stage_length}, staircase={self.staircase})"
