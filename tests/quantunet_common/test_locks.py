# SPDX-License-Identifier: BSD-3-Clause
"""Locks and scratch folders end with the process that holds them, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from quantunet_common.locks import locked_folder, scratch_folder

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
