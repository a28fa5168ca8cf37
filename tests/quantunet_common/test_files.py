# SPDX-License-Identifier: BSD-3-Clause
"""Files are whole or absent, also where the disk is full and the system says so in an unusual way."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import numpy as np
import pytest

from hw_flows.config import load_config
from quantunet_common.errors import UserError
from quantunet_common.files import (
    read_json,
    remove_unfinished,
    require_input_file,
    save_array,
    write_durably,
    write_folder,
    write_text_atomically,
)


@pytest.fixture
def nearly_full():
    """Files of this process may have 4096 bytes: the system refuses more as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: save_array(path, np.ones((100, 100))),
        lambda path: write_text_atomically(path, "1" * 9000),
        lambda path: write_durably(path, b"1" * 9000),
    ],
    ids=["array", "text", "durable"],
)
def test_what_does_not_fit_leaves_the_old_file(tmp_path, nearly_full, write):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(UserError, match="cannot be written") as error:
        write(path)
    assert "free disk space" in error.value.fix
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_an_array_comes_back_as_float32(tmp_path):
    save_array(tmp_path / "a.npy", np.arange(6.0).reshape(2, 3).T)
    back = np.load(tmp_path / "a.npy")
    assert back.dtype == np.float32
    assert back.tolist() == [[0, 3], [1, 4], [2, 5]]


def test_what_a_killed_process_was_writing_is_removed_and_nothing_else(tmp_path):
    (tmp_path / "rtl").mkdir()
    for name in (".top.sv.a1.part", "top.sv", ".hidden", "a.part"):
        (tmp_path / "rtl" / name).write_text("")
    remove_unfinished(tmp_path)
    assert sorted(p.name for p in (tmp_path / "rtl").iterdir()) == [".hidden", "a.part", "top.sv"]


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="not a regular file") as caught:
        require_input_file(tmp_path / "pipe")
    assert caught.value.where == str(tmp_path / "pipe")


def test_a_name_that_is_no_text_is_written_escaped(tmp_path: Path) -> None:
    write_text_atomically(tmp_path / "page", f"made of {os.fsdecode(b'a%cb' % 0x80)}")
    assert (tmp_path / "page").read_text(encoding="utf-8") == r"made of a\udc80b"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nboard: [" + "*b, " * 50 + "*b]",
        "seed: " + "59:" * 5000 + "59",
        "seed: !!timestamp abc",
    ],
)
def test_odd_settings_of_a_build_are_refused_shortly(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yaml").write_text(text)
    with pytest.raises(UserError, match=r"odd\.yaml") as caught:
        load_config(tmp_path / "odd.yaml", {})
    assert len(str(caught.value)) < 3000


@pytest.mark.parametrize("text", ["[" * 100_000, "{", ""], ids=["nested", "cut", "empty"])
def test_json_that_cannot_be_read_is_a_value_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError):
        read_json(tmp_path / "x.json")


def test_a_file_and_a_link_to_it_are_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1234")
    (tmp_path / "link").symlink_to("file")
    require_input_file(tmp_path / "file", 4)
    require_input_file(tmp_path / "link", 4)


def test_what_would_be_waited_for_or_read_without_end_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "circle").symlink_to("circle")
    for path in (tmp_path / "pipe", tmp_path / "endless", tmp_path, tmp_path / "circle", tmp_path / "none", Path("\0")):
        with pytest.raises(UserError, match="cannot be read"):
            require_input_file(path)


def test_a_file_beyond_its_bound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    with pytest.raises(UserError, match="5 bytes, more than the 4"):
        require_input_file(tmp_path / "file", 4)


def test_files_and_folders_have_the_rights_that_the_user_asks_for(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_durably(tmp_path / "file", b"1")
        write_folder(tmp_path / "folder", {"a": b"1", "b": b"2"}, marker="a")
    finally:
        os.umask(before)
    rights = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert rights == {"file": 0o640, "folder": 0o750, "a": 0o640, "b": 0o640}


def test_a_folder_replaces_one_of_its_kind_only(tmp_path: Path) -> None:
    write_folder(tmp_path / "x", {"marker": b"1", "old": b"1"}, marker="marker")
    write_folder(tmp_path / "x", {"marker": b"2"}, marker="marker")
    assert {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()} == {"marker": b"2"}
    with pytest.raises(UserError, match="taken by something else"):
        write_folder(tmp_path / "x", {"marker": b"3"}, marker="other")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
