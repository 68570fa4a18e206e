"""The instructors' part: releasing, grading and publishing. Needs ``chainrule[course]``."""
