"""`chainrule data`."""

import pytest
import typer
from data_helpers import spec_of, tar_of, write_batches
from typer.testing import CliRunner

from chainrule.commands import data as data_command
from chainrule.data.cifar10 import CIFAR10
from chainrule.data.formats import read_cifar10_archive
from chainrule.data.images import ImageSet
from chainrule.data.origins import FolderSource
from chainrule.data.store import Store


@pytest.fixture
def run(small, tmp_path, monkeypatch):
    """Run the command with a small set in CIFAR-10's place."""
    source = FolderSource(
        "local folder",
        lambda context: (*context.local, context.root),
        (("small.tar.gz", read_cifar10_archive),),
    )
    image_set = ImageSet(spec_of(small, "cifar10"), (source,), CIFAR10.subset)
    monkeypatch.setattr(data_command, "IMAGE_SETS", {"cifar10": image_set})
    monkeypatch.setattr(data_command, "NAMES", ("cifar10", "iris", "correspondences"))
    monkeypatch.setenv("COLUMNS", "300")
    app = typer.Typer()
    app.command()(data_command.command)

    def call(*arguments):
        result = CliRunner().invoke(app, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.output

    call.image_set = image_set
    return call


@pytest.fixture
def by_hand(small, tmp_path):
    folder = write_batches(small, tmp_path / "made" / "batches")
    return tar_of(folder, tmp_path / "made" / "small.tar.gz", "x").parent


def test_fetches_verifies_and_reports(run, by_hand, own_folder):
    code, text = run("--from", str(by_hand))
    assert code == 0
    assert "20 + 20 images" in text and "150 flowers" in text and "4,560 pairs" in text
    assert Store(run.image_set.spec, own_folder).ready()


def test_cache_option(run, by_hand, tmp_path):
    code, text = run("cifar10", "--from", str(by_hand), "--cache", str(tmp_path / "there"))
    assert code == 0 and str(tmp_path / "there") in text
    assert Store(run.image_set.spec, tmp_path / "there").ready()


def test_nothing_to_be_had(run):
    code, text = run()
    assert code == 1
    assert "Tried, in this order" in text and "not to be had" in text
    assert "only the bundled subset: 3,000 + 1,000 images" in text
    assert "150 flowers" in text  # the others are still looked at


def test_one_name_only(run):
    code, text = run("iris")
    assert code == 0 and "cifar10" not in text


@pytest.mark.parametrize("name", ["CIFAR-10", "cifar10", "Cifar_10"])
def test_other_spellings(run, by_hand, name):
    assert run(name, "--from", str(by_hand))[0] == 0


def test_unknown_name(run):
    code, text = run("imagenet")
    assert code == 2 and "is no data set" in text


def test_list_fetches_nothing(run, by_hand, own_folder):
    code, text = run("--list", "--from", str(by_hand))
    assert code == 0 and "not fetched" in text and not own_folder.exists()
    run("--from", str(by_hand))
    code, text = run("--list")
    assert code == 0 and "not fetched" not in text


def test_damage_with_an_unchanged_time_is_found(run, by_hand, own_folder):
    import os

    run("--from", str(by_hand))
    path = Store(run.image_set.spec, own_folder).path("train_images")
    stat, raw = path.stat(), bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    code, text = run("--from", str(by_hand))
    assert code == 0 and "is damaged" in text and "verified" in text
