"""Collecting: from a download of a learning system to ``submitted/``, with the times."""
