# SPDX-License-Identifier: BSD-3-Clause
"""What the cache gives back is what was put there, or nothing."""

from __future__ import annotations

import pytest

from hw_flows.machine.cache import cached, find_entry


@pytest.fixture
def entry(tmp_path, monkeypatch):
    """Makes (or finds) the one entry; counts how often it was made."""
    monkeypatch.setenv("QU_CACHE", str(tmp_path))
    made = []

    def get():
        def make(path):
            path.write_bytes(b"\x7fELF and so on")
            path.chmod(0o755)
            made.append(path)

        return cached("simulators", "key_1", ".exe", make)

    return get, made


def test_an_entry_is_made_once(entry, tmp_path):
    get, made = entry
    first, second = get(), get()
    assert first == (second[0], False) and second[1] is True
    assert len(made) == 1
    assert first[0].read_bytes() == b"\x7fELF and so on"
    assert first[0].stat().st_mode & 0o100
    assert list((tmp_path / "simulators").iterdir()) == [first[0]]


@pytest.mark.parametrize("damage", [b"", b"\x7fELF and", b"\x7fELF and so oN", b"\x7fELF and so on\0"])
def test_a_damaged_entry_is_made_again(entry, damage):
    get, made = entry
    path, _ = get()
    path.write_bytes(damage)
    assert find_entry(path.parent, "key_1", ".exe") is None
    assert get() == (path, False)
    assert len(made) == 2
    assert path.read_bytes() == b"\x7fELF and so on"


def test_one_that_could_not_be_made_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("QU_CACHE", str(tmp_path))

    def fail(path):
        path.write_bytes(b"half")
        raise OSError("no space")

    with pytest.raises(OSError):
        cached("timing", "key", ".so", fail)
    assert list((tmp_path / "timing").iterdir()) == []
