"""The built book, served as a reader would get it."""

import functools
import http.server
import re
import shutil
import threading
from pathlib import Path

import pytest

from chainrule.course import book

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def site(root):
    """The site that lies in _build/html, built if it is missing or old."""
    return book.build(root)


@pytest.fixture(scope="session")
def pages(site):
    """All pages but the start page, which only leads on to the first."""
    found = (path for path in site.rglob("*.html") if "_static" not in path.parts)
    return sorted(path for path in found if path != site / "index.html")


@pytest.fixture(scope="session")
def address():
    """The address that the book has now; empty in the course as it comes."""
    return book.read_config(ROOT)["repository"].get("url") or ""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def server(site):
    """Serve the site on a free port."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as http_server:
        threading.Thread(target=http_server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http_server.server_port}"
        http_server.shutdown()


@pytest.fixture
def course_copy(tmp_path):
    """A course folder that builds in seconds: nothing in it is executed."""
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("book", "notebooks", "release", "source", "grader/docs"):
        ignore = shutil.ignore_patterns(".ipynb_checkpoints")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    config = tmp_path / "_config.yml"
    text = config.read_text()
    config.write_text(re.sub(r"execute_notebooks: \w+", "execute_notebooks: 'off'", text))
    return tmp_path
