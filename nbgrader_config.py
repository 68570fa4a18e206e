"""nbgrader's settings for this course, so that its stock commands work in this folder."""

from pathlib import Path

from fairmark.nbgrader_plugin import configure_feedback, configure_grading

from chainrule.course.release import configure_release

c = get_config()  # noqa: F821  (nbgrader provides it)
configure_release(c, Path(__file__).resolve().parent)
configure_grading(c)
configure_feedback(c)
