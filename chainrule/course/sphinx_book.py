"""A Sphinx extension with the rest that the book's pages need.

- Links to the repository appear when ``_config.yml`` holds its address, and only then.
- The set-up cell of a notebook is folded away.
- Every notebook page begins with a box: where to open it, what to download.
- ``{notebook-files} FOLDER`` lists the same for all notebooks of a folder.
- ``{course-figure} MODULE:FUNCTION`` draws a figure with a function of the package.
- The start page of the site leads to the first page of the book.
"""

from __future__ import annotations

import html
import importlib
import json
import re
import shutil
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from chainrule import __version__
from chainrule.course.book import Repository

logger = logging.getLogger(__name__)

DOWNLOADS = "downloads"
REDIRECT = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url={page}">
<meta name="viewport" content="width=device-width, initial-scale=1">
</head>
<body><h1>{title}</h1><p><a href="{page}">Go to the first page</a></p></body>
</html>
"""


def set_repository_links(app: Sphinx, config: Config) -> None:
    """Turn links to the repository on or off for the whole book.

    Parameters
    ----------
    app : Sphinx
    config : sphinx.config.Config
    """
    options = config.html_theme_options
    repository = Repository.of(options.get("repository_url"), options.get("repository_branch"))
    options.update(repository.theme_options())
    config.chainrule_repository = (repository.url, repository.branch)


def is_notebook(env: BuildEnvironment, docname: str) -> bool:
    """Tell whether a page is an ``.ipynb``.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
    docname : str

    Returns
    -------
    bool
    """
    return str(env.doc2path(docname)).endswith(".ipynb")


def files(env: BuildEnvironment, docname: str) -> list[tuple[str, Path, str]]:
    """List what a reader can take home of a notebook page.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
    docname : str

    Returns
    -------
    list of (str, Path, str)
        Words for the link, the file, its path inside the site.
    """
    notebook = Path(env.doc2path(docname))
    folder = notebook.parent.name if docname.startswith("release/") else "lessons"
    found = [("notebook", notebook, f"{DOWNLOADS}/{folder}/{notebook.name}")]
    backup = notebook.parent / "python_backup" / f"{notebook.stem}.py"
    if backup.is_file():
        found.append(("Python file", backup, f"{DOWNLOADS}/{folder}/{backup.name}"))
    return found


def links(env: BuildEnvironment, docname: str, page: str) -> list[nodes.Node]:
    """Return the links to open or download a notebook, with commas between them.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
    docname : str
        The notebook.
    page : str
        The page that shows the links.

    Returns
    -------
    list of Node
    """
    up = "../" * page.count("/")
    shown: list[nodes.Node] = []
    colab = Repository(*env.config.chainrule_repository).colab(f"{docname}.ipynb")
    if colab:
        shown.append(nodes.reference("", "open in Colab", refuri=colab, classes=["colab"]))
    for words, source, target in files(env, docname):
        link = nodes.reference("", words, refuri=up + target, classes=["file"])
        text = f"download {source.name}" if page == docname else source.name
        link[:] = [nodes.Text(text)]
        shown.append(link)
    separated: list[nodes.Node] = []
    for link in shown:
        separated += [link, nodes.Text(" · ")]
    return separated[:-1]


def add_box(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the box of links below the title of a notebook page.

    Parameters
    ----------
    app : Sphinx
    doctree : docutils.nodes.document
    docname : str
    """
    env = app.env
    if app.builder.format != "html" or not is_notebook(env, docname):
        return
    title = next(iter(doctree.findall(nodes.title)), None)
    if title is None:
        logger.warning("The notebook has no title", location=docname)
        return
    box = nodes.container(classes=["notebook-files"])
    box += nodes.paragraph("", "", nodes.Text("This notebook: "), *links(env, docname, docname))
    parent = title.parent
    parent.insert(parent.index(title) + 1, box)


class NotebookFiles(SphinxDirective):
    """``{notebook-files} FOLDER``: a list of the book's notebooks in a folder."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the list, in the order of the table of contents.

        Returns
        -------
        list of Node
        """
        folder = self.arguments[0].strip("/") + "/"
        site_map = getattr(self.config, "external_site_map", None)
        known = list(site_map) if site_map is not None else sorted(self.env.found_docs)
        names = [n for n in known if n.startswith(folder) and is_notebook(self.env, n)]
        if not names:
            message = f"notebook-files: the book has no notebook in {folder}"
            return [self.state.document.reporter.error(message, line=self.lineno)]
        items = nodes.bullet_list()
        for name in names:
            self.env.note_dependency(self.env.doc2path(name))
            page = self.env.docname
            title = nodes.reference(
                "",
                _title(Path(self.env.doc2path(name))),
                refuri="../" * page.count("/") + name + ".html",
                internal=True,
            )
            text = nodes.paragraph("", "", title, nodes.Text(": "), *links(self.env, name, page))
            items += nodes.list_item("", text)
        return [items]


def _title(path: Path) -> str:
    """Read the first heading of a notebook."""
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return path.stem


class CourseFigure(SphinxDirective):
    """``{course-figure} MODULE:FUNCTION``: a figure that a function of the package draws.

    The function is called without arguments and returns what a notebook could
    show as HTML, for example a `chainrule.graph.drawing.Drawing`. The directive's
    content is the caption.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the figure.

        Returns
        -------
        list of Node
        """
        module, _, function = self.arguments[0].partition(":")
        drawn = getattr(importlib.import_module(module), function)()
        figure = nodes.figure(classes=["course-figure"])
        figure += nodes.raw("", drawn._repr_mimebundle_()["text/html"], format="html")
        if self.content:
            caption = nodes.caption()
            parsed, _ = self.state.inline_text(" ".join(self.content), self.lineno)
            caption += parsed
            figure += caption
        return [figure]


def escape_docstring(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Take docstrings for the plain text that they are: ``|a|`` and ``*args`` are no markup.

    Parameters
    ----------
    app, what, name, obj, options
        As Sphinx gives them to a handler of ``autodoc-process-docstring``.
    lines : list of str
        The docstring, changed in place.
    """
    for number, line in enumerate(lines):
        if line.lstrip().startswith((">>>", "...")):
            continue
        parts = re.split(r"(`+[^`]*`+)", line)
        for index in range(0, len(parts), 2):  # the others are code
            parts[index] = parts[index].replace("|", r"\|")
            if parts[index].count("*") % 2:
                parts[index] = parts[index].replace("*", r"\*")
        lines[number] = "".join(parts)


def fold_setup_cell(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fold the set-up cell of a notebook away: a reader of the book has no use for it.

    Parameters
    ----------
    app : Sphinx
    docname : str
    source : list of str
        The notebook as JSON in its only entry, changed in place.
    """
    if not is_notebook(app.env, docname):
        return
    notebook = json.loads(source[0])
    for cell in notebook.get("cells", []):
        metadata = cell.get("metadata", {})
        if "setup" in metadata.get("tags", []):
            metadata["tags"].append("hide-input")
            metadata["mystnb"] = {
                "code_prompt_show": "Show the set-up cell",
                "code_prompt_hide": "Hide the set-up cell",
            }
    source[0] = json.dumps(notebook)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Copy the downloads and write the start page of the site.

    Parameters
    ----------
    app : Sphinx
    error : Exception or None
        What stopped the build.
    """
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for docname in app.env.found_docs:
        if is_notebook(app.env, docname):
            for _, source, target in files(app.env, docname):
                (out / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, out / target)
    first = app.config.root_doc
    if first != "index":
        page = REDIRECT.format(title=html.escape(app.config.html_title), page=f"{first}.html")
        (out / "index.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> dict:
    """Register everything above.

    Parameters
    ----------
    app : Sphinx

    Returns
    -------
    dict
        What Sphinx wants to know about an extension.
    """
    app.add_config_value("chainrule_repository", ("", "main"), "env")
    # Jupyter Book sets it always; its owner, sphinx_comments, is not among the extensions.
    app.add_config_value("comments_config", {}, "html")
    app.add_directive("notebook-files", NotebookFiles)
    app.add_directive("course-figure", CourseFigure)
    # Before the theme looks at its options.
    app.connect("config-inited", set_repository_links, priority=100)
    app.connect("source-read", fold_setup_cell)
    app.connect("doctree-resolved", add_box)
    # Before napoleon reads them.
    app.connect("autodoc-process-docstring", escape_docstring, priority=100)
    app.connect("build-finished", finish)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
