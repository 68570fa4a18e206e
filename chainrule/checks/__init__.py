"""Checks that students run on their own work.

Each assignment has a module of its own. A check returns nothing, prints one
line when it passes, and raises :class:`~chainrule.checks.core.CheckFailed`
with a diagnosis when it does not.
"""
