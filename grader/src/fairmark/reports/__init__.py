"""What people read.

``table``
    The table of `grade` on the terminal, and its JSON.
``summary``
    The page about a whole class.
``feedback``
    The page that a student gets back; ``safe_html`` makes what students wrote harmless.
``exports``
    Tables of marks for other systems.
"""
