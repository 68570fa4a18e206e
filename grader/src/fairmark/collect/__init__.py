"""Collecting: from a download of a learning system to ``submitted/``, with the times.

``collect``
    Canvas, Gradescope or zips: whose the files are, and how they come into the course.
``late_files``
    The rule for late files: which time counts as that of a submission.
``archives``
    Reads archives that nobody can trust: links, bombs, names that lead out.
"""
