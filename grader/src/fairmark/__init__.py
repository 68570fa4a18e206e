"""Fairmark grades the submissions of any nbgrader course: in a sandbox, and each with a reason.

It reads ``submitted/STUDENT/ASSIGNMENT`` of a course folder and writes nbgrader's own
gradebook and ``autograded/``, so that formgrader and nbgrader's commands go on from there.

``collect``
    Lays a download of submissions into the course folder.
``grading``
    Prepare, execute, record: the three steps of a mark.
``execution``
    Runs students' code, and the checks in a process of their own.
``reports``
    What people read: the table, the summary, feedback pages, tables of marks.
``gradescope``
    The same grading inside Gradescope's container.
``nbgrader_plugin``
    The same execution under plain ``nbgrader autograde``.
``course_package``
    What a course's own package may tell the grader of itself.

Below them lies what they share: ``model`` (the data that pass between the steps), ``cells``
(the one reading of nbgrader's metadata), ``messages`` (what a failed check says), ``folder``
(a course folder), ``private_folder``, ``handin_times`` and ``grade_log`` (what stands in its
``.fairmark``) and ``program`` (the name of the command). Imports run downward only; a test
holds the table.
"""

__version__ = "0.2.0"
