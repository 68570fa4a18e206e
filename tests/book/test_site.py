"""What every page of the built site must be, read without a browser."""

import functools
import itertools
import json
import re
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from chainrule.course import book, points
from chainrule.course.repository_url import parse_address, write_address

OUTSIDE = re.compile(r"github|gitlab|bitbucket|colab|binder|deepnote|jupyterhub|thebe", re.I)


@functools.cache
def tree(page):
    return BeautifulSoup(page.read_bytes(), "html.parser")


def links(page):
    """All hrefs but those of text that only shows an address."""
    return [a["href"] for a in tree(page).find_all("a", href=True)]


def test_every_page_of_the_contents_is_there(root, site):
    assert book.missing_pages(root, book.contents(root)) == []


def headings(page):
    """All headings but the title that the theme repeats for print."""
    found = tree(page).main.find_all(re.compile("^h[1-6]$"))
    return [h.name for h in found if not h.find_parent(class_="onlyprint")]


def test_pages_have_one_heading_of_the_first_level(pages):
    for page in pages:
        assert headings(page).count("h1") == 1, page.name


def test_pages_say_their_language_and_have_a_title(pages):
    for page in pages:
        document = tree(page)
        assert document.html["lang"] == "en", page.name
        assert document.title.get_text().strip(), page.name


def test_headings_leave_no_level_out(pages):
    for page in pages:
        levels = [int(name[1]) for name in headings(page)]
        for above, below in itertools.pairwise(levels):
            assert below <= above + 1, (page.name, levels)


def test_images_and_drawings_have_words(pages):
    for page in pages:
        document = tree(page)
        for image in document.find_all("img"):
            assert image.get("alt") is not None, (page.name, image.get("src"))
            in_article = image.find_parent("article") is not None
            assert image.get("alt").strip() or not in_article, (page.name, image.get("src"))
        for drawing in document.find_all("svg"):
            hidden = drawing.get("aria-hidden") == "true"
            assert hidden or drawing.get("aria-label", "").strip(), page.name


def test_internal_links_lead_somewhere(site, pages):
    anchors = {}

    def anchors_of(path):
        if path not in anchors:
            named = tree(path).find_all(True)
            anchors[path] = {t.get("id") for t in named} | {t.get("name") for t in named}
        return anchors[path]

    for page in [*pages, site / "index.html"]:
        for link in links(page):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if target.is_dir():
                target /= "index.html"
            assert target.is_file(), f"{page.relative_to(site)} links to {link}"
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in anchors_of(target), f"{page.name}: {link}"


def test_no_script_style_or_image_comes_from_another_host(pages):
    for page in pages:
        tags = tree(page).find_all(["script", "link", "img", "iframe"])
        for source in filter(None, (tag.get("src") or tag.get("href") for tag in tags)):
            assert not source.startswith(("http:", "https:", "//")), (page.name, source)


def test_the_site_holds_no_copied_sources(site):
    assert not (site / "_sources").exists()
    names = {path.relative_to(site).as_posix() for path in site.rglob("*.ipynb")}
    assert all(name.startswith("downloads/") for name in names), names


def test_downloads_are_the_released_files(root, site):
    for name in ("graphs.ipynb", "python_backup/graphs.py"):
        own = root / "release" / "backprop" / name
        copied = site / "downloads" / "backprop" / own.name
        assert copied.read_bytes() == own.read_bytes()


def test_the_points_tables_add_up_to_what_the_notebooks_give(root, site):
    cells = points.read_course(root)
    page = tree(site / "book" / "assignments.html")
    totals = []
    for table in page.select("table.points-table"):
        rows = [[c.get_text().strip() for c in row("td")] for row in table("tr")]
        numbers = [float(row[-1]) for row in rows if row]
        assert sum(numbers[:-1]) == numbers[-1]
        totals.append(numbers[-1])
    names = [heading.get_text().split(":")[0].strip() for heading in page("h2")]
    assignments = [name for name in names if (root / "source" / name).is_dir()]
    assert assignments[0] == "backprop"
    assert totals[1:] == [points.total(cells, name) for name in assignments]
    assert totals[0] == sum(points.total(cells, p.name) for p in (root / "source").iterdir())


def outside_links(page):
    return [link for link in links(page) if OUTSIDE.search(urlsplit(link).netloc)]


def test_without_an_address_nothing_leads_to_a_repository(pages, address):
    if address:
        pytest.skip("this course has an address")
    for page in pages:
        assert outside_links(page) == [], page.name
        assert "launch" not in page.read_text(encoding="utf-8").lower().split("<script")[0]


def test_with_an_address_notebook_pages_open_in_colab(course_copy):
    write_address(course_copy, parse_address("https://github.com/owner/name.git", "term"))
    site = book.build(course_copy, say=lambda line: None)
    for name in ("release/backprop/graphs", "notebooks/01-computational-graphs"):
        colab = f"https://colab.research.google.com/github/owner/name/blob/term/{name}.ipynb"
        # The theme's button and the box below the title.
        assert links(site / f"{name}.html").count(colab) == 2
    expected = {"github.com": "/owner/name", "colab.research.google.com": "/github/owner/name/blob"}
    for page in site.rglob("*.html"):
        for link in outside_links(page):
            parts = urlsplit(link)
            assert parts.path.startswith(expected[parts.netloc]), link
            assert "/edit/" not in link and "/issues/" not in link


def test_the_theme_s_settings_survive(course_copy):
    """Jupyter Book forgets launch buttons when html_theme_options replaces its own."""
    write_address(course_copy, parse_address("https://github.com/owner/name"))
    from jupyter_book.config import get_final_config

    config, _ = get_final_config(
        user_yaml=course_copy / "_config.yml",
        sourcedir=course_copy,
        cli_config={"latex_individualpages": False},
    )
    options = config["html_theme_options"]
    assert options["repository_url"] == "https://github.com/owner/name"
    assert options["logo"]
    assert config["nb_ipywidgets_js"] == {}
    assert json.dumps(config["extensions"]).count("thebe") == 0
