"""One module for each instructors' command; each offers ``command`` to the command line."""
