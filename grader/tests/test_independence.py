"""The grader knows nothing of the course beside it."""

from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]


def test_no_file_of_the_project_names_the_course():
    files = [*SOURCE.joinpath("src").rglob("*"), SOURCE / "pyproject.toml", SOURCE / "README.md"]
    texts = {
        path: path.read_bytes().lower()
        for path in files
        if path.suffix != ".pyc" and path.is_file()
    }
    assert len(texts) > 50
    assert [str(path) for path, text in texts.items() if b"chainrule" in text] == []
