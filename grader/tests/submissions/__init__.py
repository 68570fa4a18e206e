"""Broken and hostile submissions, made in code, and what a fair grader gives for them."""
