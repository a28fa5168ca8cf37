"""Files are whole or absent, also where the disk is full and the system says so in an unusual way."""

from __future__ import annotations

import resource

import numpy as np
import pytest

from hw_flows.errors import UserError
from hw_flows.files import remove_unfinished, save_array, write_text_atomically


@pytest.fixture
def nearly_full():
    """Files of this process may have 4096 bytes: the system refuses more as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "write",
    [lambda path: save_array(path, np.ones((100, 100))), lambda path: write_text_atomically(path, "1" * 9000)],
    ids=["array", "text"],
)
def test_what_does_not_fit_leaves_the_old_file(tmp_path, nearly_full, write):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(UserError, match="cannot write") as error:
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
