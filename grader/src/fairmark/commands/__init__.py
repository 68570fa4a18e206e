"""The commands, one module each under the command's name; imported when it is called.

They read options, call the parts that do the work, and print. `fairmark.cli` finds them by
the entry points of the group ``fairmark.commands``.
"""
