# SPDX-License-Identifier: BSD-3-Clause
"""Locks and scratch folders end with the process that holds them, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from quantunet_common.errors import UserError
from quantunet_common.locks import LOCK, claimed_folder, locked_folder, scratch_folder

HOLD = """
import sys, time
from pathlib import Path
from quantunet_common.locks import locked_folder, scratch_folder
with locked_folder(Path(sys.argv[1])) as ours, scratch_folder(Path(sys.argv[1])) as work:
    (work / "half.o").write_text("half")
    print(ours, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has `tmp_path` locked and a scratch folder in it."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def scratches(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("scratch-*")]


def test_a_folder_is_one_process_s_at_a_time(tmp_path, holder):
    with locked_folder(tmp_path) as ours:
        assert not ours
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with locked_folder(tmp_path) as ours:
        assert ours
    with locked_folder(tmp_path) as ours:
        assert ours


def test_scratch_of_others_stays_while_they_live_and_goes_when_they_were_killed(tmp_path, holder):
    (theirs,) = scratches(tmp_path)
    with scratch_folder(tmp_path) as work:
        assert sorted(scratches(tmp_path)) == sorted([theirs, work.name])
    assert scratches(tmp_path) == [theirs]
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with scratch_folder(tmp_path) as work:
        assert scratches(tmp_path) == [work.name]
    assert scratches(tmp_path) == []


def test_scratch_goes_when_its_user_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), scratch_folder(tmp_path / "new") as work:
        (work / "file").write_text("")
        _ = 1 / 0
    assert scratches(tmp_path / "new") == []


NO_FOLDERS = """
import fcntl, os, stat, sys, time
from pathlib import Path
from quantunet_common.locks import locked_folder

def refuse_folders(handle, operation, flock=fcntl.flock):
    if stat.S_ISDIR(os.fstat(handle).st_mode):
        raise OSError(9, "as NFS answers")
    flock(handle, operation)

fcntl.flock = refuse_folders
with locked_folder(Path(sys.argv[1])) as ours:
    print(ours, flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_where_folders_cannot_be_locked_a_file_in_them_is(tmp_path):
    def start(seconds: float) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", NO_FOLDERS, str(tmp_path), str(seconds)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    with start(60) as first:
        assert first.stdout is not None and first.stdout.readline() == "True\n"
        with start(0) as second:
            assert second.communicate()[0] == "False\n"
        first.kill()
    with start(0) as third:
        assert third.communicate()[0] == "True\n"
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]


def test_a_file_system_without_locks_lets_everybody_in(tmp_path, monkeypatch):
    def refuse(handle, operation):
        raise OSError(38, "no locks")

    monkeypatch.setattr("fcntl.flock", refuse)
    with locked_folder(tmp_path) as first, locked_folder(tmp_path) as second:
        assert first and second


def test_who_comes_second_is_told_who_may_be_at_work(tmp_path):
    folder = tmp_path / "new"
    with claimed_folder(folder, "another worker"):
        with (
            pytest.raises(UserError, match="another worker is running here") as caught,
            claimed_folder(folder, "another worker"),
        ):
            pass
        assert caught.value.where == str(folder)
    with claimed_folder(folder, "another worker"):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be used"), claimed_folder(tmp_path / "file" / "x", "another worker"):
        pass
