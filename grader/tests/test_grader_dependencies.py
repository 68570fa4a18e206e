"""What fairmark imports is declared, and what it declares is used."""

from pathlib import Path

from grader_support.dependencies import declared, imported, packages_of

PROJECT = Path(__file__).resolve().parents[1]

#: Imported where it is there already, because a student's notebook has imported it.
NEVER_BROUGHT = {"pandas", "torch"}
#: Used without an import, and how.
USED_OTHERWISE = {"psycopg": "SQLAlchemy takes it for a gradebook in PostgreSQL"}


def test_what_is_imported_is_declared():
    names = declared(PROJECT / "pyproject.toml", ["cluster", "postgresql"])
    missing = {
        module: files
        for module, files in imported(PROJECT / "src" / "fairmark").items()
        if not packages_of(module) & names and module not in NEVER_BROUGHT
    }
    assert missing == {}


def test_what_is_declared_is_used():
    modules = imported(PROJECT / "src" / "fairmark")
    used = set().union(*map(packages_of, modules))
    names = declared(PROJECT / "pyproject.toml", ["cluster", "postgresql"])
    assert names - used == set(USED_OTHERWISE)


def test_only_the_cluster_needs_more_than_the_base():
    base = declared(PROJECT / "pyproject.toml", [])
    found = imported(PROJECT / "src" / "fairmark")
    more = {module for module in found if not packages_of(module) & base} - NEVER_BROUGHT
    assert more == {"distributed"}
