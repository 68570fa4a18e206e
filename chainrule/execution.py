"""Tell who runs this code: a person, the grader or the book."""

import os
import sys


def is_grading() -> bool:
    """Tell whether a notebook is being graded: then nothing is trained again.

    nbgrader sets the variable ``NBGRADER_EXECUTION`` while it runs a notebook.
    """
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def is_live() -> bool:
    """Tell whether a person sits before this notebook, so that sliders make sense.

    JupyterLab, Notebook, VS Code and Colab say with each cell which cell it is; what
    executes a notebook from top to bottom (the book, the grader) does not. The variable
    ``CHAINRULE_LIVE`` overrules this: 1 for yes, 0 for no.
    """
    said = os.environ.get("CHAINRULE_LIVE", "")
    if said:
        return said != "0"
    if is_grading():
        return False
    if "google.colab" in sys.modules:
        return True
    return bool(_cell_of_front_end())


def _cell_of_front_end() -> str:
    """Return the id of the cell that a front end has asked to run; empty without one."""
    if "IPython" not in sys.modules:
        return ""
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return ""
    return str(kernel.get_parent("shell").get("metadata", {}).get("cellId", ""))
