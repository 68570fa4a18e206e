"""What the tests of the grader share."""
