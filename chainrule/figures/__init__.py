"""The course's figures: tested functions that return drawings with alt text."""
