"""Building small books that go wrong in the ways that books go wrong."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from chainrule.course import book
from chainrule.course.book import BookError, Repository


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/owner/name",
        "https://github.com/owner/name/",
        "https://github.com/owner/name.git",
        "git@github.com:owner/name.git",
        "git+https://github.com/owner/name",
    ],
)
def test_every_form_of_an_address_opens_in_colab(url):
    repository = Repository.of(url, "")
    assert repository.colab("release/backprop/graphs.ipynb") == (
        "https://colab.research.google.com/github/owner/name/blob/main/release/backprop/graphs.ipynb"
    )
    assert repository.theme_options()["launch_buttons"]
    assert repository.theme_options()["use_repository_button"]


def test_colab_opens_nothing_from_another_host():
    repository = Repository.of("https://gitlab.com/owner/name", "main")
    assert repository.colab("a.ipynb") == ""
    assert repository.theme_options()["launch_buttons"] == {}
    assert repository.theme_options()["use_repository_button"]


@pytest.mark.parametrize(
    "url", [None, "", "  ", "file:///somewhere/course", "https://example.org/x"]
)
def test_without_a_known_address_all_links_are_off(url):
    options = Repository.of(url, None).theme_options()
    assert options["repository_url"] == ""
    assert options["launch_buttons"] == {}
    assert not any(options[key] for key in options if key.startswith("use_"))


@pytest.fixture
def small(tmp_path):
    """A book of two pages that is right."""
    (tmp_path / "_config.yml").write_text(
        "title: Small\nonly_build_toc_files: true\n"
        "execute: {execute_notebooks: cache, raise_on_error: true}\n"
    )
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters: [{file: one}, {file: two}]\n"
    )
    for page in ("index", "one", "two"):
        (tmp_path / f"{page}.md").write_text(f"# {page}\n")
    return tmp_path


def lines():
    said = []
    return said, said.append


def test_a_second_build_does_nothing_and_a_third_sees_a_change(small):
    said, say = lines()
    site = book.build(small, say=say)
    assert (site / "two.html").is_file()
    assert book.is_current(small)
    book.build(small, say=say)
    assert "up to date" in said[-1]
    (small / "one.md").unlink()
    (small / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters: [{file: two}]\n")
    assert not book.is_current(small)
    book.build(small, say=say)
    assert not (site / "one.html").exists(), "a page of the earlier build stayed behind"


def test_a_warning_fails_every_time_until_it_is_mended(small):
    (small / "one.md").write_text("# one\n\n[nowhere](missing.md)\n")
    for _ in range(2):
        with pytest.raises(BookError, match=r"one\.md:3.*missing\.md") as caught:
            book.build(small, say=lambda line: None)
        assert "Traceback" not in str(caught.value)
        assert str(small) not in str(caught.value).split("What lies")[0]
    assert not book.is_current(small)


def test_a_lesson_that_fails_is_named_with_its_cell_and_its_error(small):
    (small / "two.md").unlink()
    cells = [new_markdown_cell("# two"), new_code_cell("size = 0\n1 / size")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), small / "two.ipynb")
    with pytest.raises(BookError) as caught:
        book.build(small, say=lambda line: None)
    for words in ("two.ipynb", "1 / size", "ZeroDivisionError: division by zero", "JupyterLab"):
        assert words in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_page_that_is_left_out_fails_the_build(small, monkeypatch):
    site_map = (small / "_toc.yml").read_text()
    monkeypatch.setattr(book, "contents", lambda root: ["index", "one", "two", "three"])
    with pytest.raises(BookError, match="1 page of 4") as caught:
        book.build(small, say=lambda line: None)
    assert "three" in str(caught.value)
    assert (small / "_toc.yml").read_text() == site_map
    assert not (small / "_build" / "book.json").exists()


def test_a_page_without_a_file_is_found_before_anything_is_built(small):
    (small / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters: [{file: release/a/a}, {file: two.md}]\n"
    )
    with pytest.raises(BookError, match="release/a/a") as caught:
        book.build(small)
    assert "chainrule release" in str(caught.value)
    assert "two" not in str(caught.value)


def test_a_folder_that_is_no_course_is_told_so(tmp_path):
    with pytest.raises(BookError, match=r"_config\.yml"):
        book.build(tmp_path)
