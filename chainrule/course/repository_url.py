"""The address of the course's repository: one setting in ``_config.yml``.

The book's launch buttons and every set-up cell take the address from there. While
none is set, nothing is shown or installed: an invented address could be
registered by a stranger.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from chainrule.course.paths import CourseError

_FORM = re.compile(r"(https://|file:///)[^\s'\"\\]+")


@dataclass(frozen=True)
class Address:
    """Where the course can be fetched from; ``url`` is empty while nobody has set it."""

    url: str = ""
    branch: str = "main"


def read_address(root: Path) -> Address:
    """Read the address from ``_config.yml``."""
    repository = _yaml().load(root / "_config.yml").get("repository") or {}
    return Address(str(repository.get("url") or ""), str(repository.get("branch") or "main"))


def write_address(root: Path, address: Address) -> None:
    """Write the address to ``_config.yml``; comments and order of the file are kept."""
    yaml = _yaml()
    path = root / "_config.yml"
    config = yaml.load(path)
    config.setdefault("repository", {})
    config["repository"]["url"] = DoubleQuotedScalarString(address.url)
    config["repository"]["branch"] = DoubleQuotedScalarString(address.branch)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(config, file)


def parse_address(url: str, branch: str = "main") -> Address:
    """Check an address as a person types it.

    Raises
    ------
    CourseError
        When it is not an https address (or a local ``file:///`` one), or the branch has spaces.
    """
    url = url.strip().rstrip("/").removesuffix(".git")
    if not _FORM.fullmatch(url):
        raise CourseError(
            f"{url!r} is not an address that pip and git can fetch from. "
            "It should look like https://github.com/OWNER/REPOSITORY."
        )
    if not re.fullmatch(r"[\w./-]+", branch):
        raise CourseError(f"{branch!r} is not the name of a branch.")
    return Address(url, branch)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml
