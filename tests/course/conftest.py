"""What tests of stock nbgrader share with those of the grader."""

from grader_support.fixtures import programs_on_the_path, sandbox

__all__ = ["programs_on_the_path", "sandbox"]
