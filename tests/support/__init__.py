"""What the tests of the course share."""
