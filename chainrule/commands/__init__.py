"""One module for each students' command; each offers ``command`` to the command line."""
