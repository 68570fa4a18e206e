"""Chain Rule: neural networks from the first scalar graph to a pretrained ConvNet.

The top level of the package is the students' part. It imports with NumPy and
matplotlib alone. The instructors' part, ``chainrule.course``, needs the extra
``chainrule[course]``, and nothing outside it may import it.
"""

from chainrule import torchvision_support

__version__ = "0.2.0"

torchvision_support.install()
