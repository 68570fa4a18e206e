"""nbgrader's settings for this course, so that its stock commands work in this folder."""

from pathlib import Path

from chainrule.course.release import configure

c = get_config()  # noqa: F821  (nbgrader provides it)
configure(c, Path(__file__).resolve().parent)
