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

``engine`` joins the steps for a class, and ``pools`` says where the work is done: in this
process, in several, or on a cluster. ``one_submission`` is what a worker does;
``worker_start`` starts the process that workers are forked from.

For the first step, ``template`` reads the instructors' version, ``reading`` whatever was
handed in as a notebook, and ``restore`` puts back what is the instructors'. For the last,
``gradebook`` opens nbgrader's database, ``rows`` finds and makes its rows, and ``journal``
keeps what was executed until it is recorded.
"""
