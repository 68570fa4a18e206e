"""Where ``fairmark`` and ``python -m fairmark`` begin.

Nothing is imported here: worker processes import their main module too, and need no
command line.
"""


def main() -> None:
    """Run the command line."""
    from fairmark.cli import main as run

    run()


if __name__ == "__main__":
    main()
