"""Downloads from a host that misbehaves."""

import hashlib

import numpy as np
import pytest

from chainrule.data.download import Patience, RemoteFile, download
from chainrule.data.errors import SourceFailed

RAW = np.random.RandomState(1).bytes(400_000)
REMOTE = RemoteFile("set.bin", len(RAW), f"sha256:{hashlib.sha256(RAW).hexdigest()}")
QUICK = Patience(min_speed=0, window=0.2, connect=2.0, read=0.4)


@pytest.fixture
def fetch(host, tmp_path, said):
    host.files["set.bin"] = RAW

    def call(patience=QUICK):
        return download(host.base + "set.bin", REMOTE, tmp_path / "down", patience, said)

    return call


def part(tmp_path):
    return tmp_path / "down" / "set.bin.part"


def test_whole(fetch, host, tmp_path):
    assert fetch().read_bytes() == RAW
    assert not part(tmp_path).exists()
    assert host.requests == [("set.bin", None)]


def test_a_whole_file_is_not_fetched_again(fetch, host):
    fetch()
    fetch()
    assert len(host.requests) == 1


def test_truncated_is_resumed(fetch, host, said):
    host.behave("set.bin", ("cut", 150_000), ("cut", 100_000))
    assert fetch().read_bytes() == RAW
    starts = [wanted for _, wanted in host.requests]
    assert starts[0] is None
    assert 100_000 < int(starts[1][6:-1]) <= 150_000
    assert int(starts[2][6:-1]) > int(starts[1][6:-1])
    assert "continuing" in said.text and "Resuming set.bin" in said.text


def test_part_of_an_earlier_run_is_resumed(fetch, host, tmp_path):
    part(tmp_path).parent.mkdir()
    part(tmp_path).write_bytes(RAW[:123_456])
    assert fetch().read_bytes() == RAW
    assert host.requests == [("set.bin", "bytes=123456-")]


def test_whole_part_needs_no_request(fetch, host, tmp_path):
    part(tmp_path).parent.mkdir()
    part(tmp_path).write_bytes(RAW)
    assert fetch().read_bytes() == RAW
    assert host.requests == []


@pytest.mark.parametrize("wrong", [b"x" * 50_000, b"x" * len(RAW), b"x" * (len(RAW) + 7)])
def test_wrong_part_is_thrown_away(fetch, tmp_path, wrong):
    part(tmp_path).parent.mkdir()
    part(tmp_path).write_bytes(wrong)
    assert fetch().read_bytes() == RAW


def test_host_without_ranges_sends_all(fetch, host, tmp_path):
    part(tmp_path).parent.mkdir()
    part(tmp_path).write_bytes(RAW[:1000])
    host.behave("set.bin", ("no range",))
    assert fetch().read_bytes() == RAW


@pytest.mark.parametrize(
    "other", [b"y" * len(RAW), b"<html>log in first</html>", RAW[:-1] + b"\0\0\0"]
)
def test_other_content_is_an_error_and_leaves_nothing(fetch, host, tmp_path, other):
    host.behave("set.bin", *[("other", other)] * 12)
    with pytest.raises(SourceFailed):
        fetch()
    assert not (tmp_path / "down" / "set.bin").exists()


def test_damaged_file_in_place_is_replaced(fetch, tmp_path):
    target = tmp_path / "down" / "set.bin"
    target.parent.mkdir()
    target.write_bytes(RAW[:-5])
    assert fetch().read_bytes() == RAW


def test_not_found(fetch, host):
    host.behave("set.bin", ("status", 404))
    with pytest.raises(SourceFailed, match=r"answered 404"):
        fetch()


def test_server_error(fetch, host):
    host.behave("set.bin", ("status", 503))
    with pytest.raises(SourceFailed, match=r"answered 503"):
        fetch()


def test_nobody_listens(tmp_path, said):
    with pytest.raises(SourceFailed, match=r"127\.0\.0\.1: ConnectionError"):
        download("http://127.0.0.1:9/set.bin", REMOTE, tmp_path / "down", QUICK, said)


def test_stall_is_cut_and_resumed(fetch, host):
    host.behave("set.bin", ("stall", 200_000, 1.5))
    assert fetch().read_bytes() == RAW
    assert host.requests[1][1] is not None


def test_slow_host_is_given_up_but_its_bytes_are_kept(fetch, host, tmp_path):
    host.behave("set.bin", ("drip", 20_000, 0.1))
    with pytest.raises(SourceFailed, match=r"too slow: \d+ kB/s"):
        fetch(Patience(min_speed=10_000_000, window=0.3, connect=2.0, read=2.0))
    assert 0 < part(tmp_path).stat().st_size < len(RAW)
    assert fetch().read_bytes() == RAW
    assert host.requests[-1][1].startswith("bytes=")


def test_breaks_that_bring_something_are_not_counted(fetch, host):
    host.behave("set.bin", *[("cut", 40_000)] * 9)
    assert fetch().read_bytes() == RAW


def test_ever_broken_connection(fetch, host):
    host.behave("set.bin", *[("cut", 10)] * 6)
    with pytest.raises(SourceFailed, match=r"broke 5 times"):
        fetch()
