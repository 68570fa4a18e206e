"""Marks in the gradebook of the small course, read and written as a person would."""

from nbgrader.api import Gradebook

from grader_support import course_maker as maker

#: What a full solution earns by its checks.
ALL = {"f1-forward": 3.0, "f2-forward": 4.0, "f3-part": 2.0}


def gradebook(root):
    return Gradebook(f"sqlite:///{root}/gradebook.db", "kites")


def by_hand(root, student, grade_id, points):
    with gradebook(root) as book:
        row = book.find_grade(grade_id, "kite", maker.ASSIGNMENT, student)
        row.manual_score, row.needs_manual_grade = points, False
        book.db.commit()


def state(root, student, grade_id):
    with gradebook(root) as book:
        row = book.find_grade(grade_id, "kite", maker.ASSIGNMENT, student)
        return row.auto_score, row.manual_score, row.needs_manual_grade
