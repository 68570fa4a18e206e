"""What the assignment ``fitting`` gives: a logger, a loss plot, an animated GIF, and RANSAC.

Nothing here computes the loss, the gradients or the descent of the assignment: that is
the task.
"""

from chainrule.fitting.animation import Animation, animate
from chainrule.fitting.logger import FitLogger, as_code, loss_plot
from chainrule.fitting.ransac import Consensus, ransac, rounds_needed

__all__ = [
    "Animation",
    "Consensus",
    "FitLogger",
    "animate",
    "as_code",
    "loss_plot",
    "ransac",
    "rounds_needed",
]
