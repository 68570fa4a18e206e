"""Grading: prepare, execute, record.

The three steps are strictly apart, so that one may be replaced or moved to
another process or machine without the others noticing:

``prepare``
    Reads what a student handed in, repairs it against the instructors' version
    and returns pure data.
``execute``
    A pure function from notebooks, files and limits to executed notebooks,
    points and a status. It sees no database and no course folder.
``record``
    The only writer: one transaction a submission into the nbgrader gradebook,
    and the executed notebooks into ``autograded/``.

``engine`` joins the steps for a class, ``results`` shows what came out, and
``feedback`` writes the pages that students get.
"""
