"""A Gradescope autograder for one assignment.

``archive``
    Makes the zip that an instructor uploads: `fairmark export --gradescope-autograder`.
``wheel``, ``requirements``, ``packed``
    What is in it: this package, the packages that the assignment needs, and the
    instructors' version of the assignment without its solutions.
``run``
    Works inside Gradescope's container: prepares and executes the submission, and
    writes ``results.json``, whose contents ``results_json`` makes.

The layout of folders and files follows Gradescope's documentation:
https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""
