"""Where ``chainrule`` and ``python -m chainrule`` begin.

Nothing is imported here: a grader's worker processes import their main module too, and
need no command line.
"""


def main() -> None:
    """Run the command line."""
    from chainrule.cli import main as run

    run()


if __name__ == "__main__":
    main()
