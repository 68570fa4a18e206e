"""What the assignment ``convnet`` gives.

Convolution, pooling and the checker of formulas need NumPy alone; they are here. What
works with torch is in modules of its own: `images`, `loaders`, `weights`, `history`,
`predictions`, `mistakes` and `practice`.
"""

from chainrule.convnet.convolution import (
    average_pool,
    conv_forward,
    max_pool,
    receptive_field,
)
from chainrule.convnet.formulas import FormulaReport, example, numeric_gradients, try_formula

__all__ = [
    "FormulaReport",
    "average_pool",
    "conv_forward",
    "example",
    "max_pool",
    "numeric_gradients",
    "receptive_field",
    "try_formula",
]
