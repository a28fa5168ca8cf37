# SPDX-License-Identifier: BSD-3-Clause
"""Folders that one process at a time works in: locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from quantunet_common.errors import UserError

#: Holds the lock of a folder where folders themselves cannot be locked.
LOCK = ".lock"
SCRATCH = "scratch-"


@contextmanager
def locked_folder(folder: Path) -> Iterator[bool]:
    """Whether nobody else has `folder` locked; if so it is ours until the end, or until this process is killed.

    Network file systems lock across machines, but nothing that is not open for writing, so no folders: there the file
    `LOCK` in the folder is locked. On a file system without locks the answer is always yes.

    Raises OSError where the folder cannot be opened.
    """
    with ExitStack() as opened:
        ours = _lock(opened, folder, os.O_RDONLY | os.O_DIRECTORY)
        if ours is None:
            ours = _lock(opened, folder / LOCK, os.O_RDWR | os.O_CREAT)
        yield ours is not False


@contextmanager
def claimed_folder(folder: Path, who: str) -> Iterator[None]:
    """`folder`, made if need be, for this process alone until the end, or until it is killed.

    Args:
        who: may be at work there, for the message.

    Raises:
        UserError: another process is at work there, or the folder cannot be used.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            ours = held.enter_context(locked_folder(folder))
        except OSError as error:
            raise UserError(
                f"the folder cannot be used ({error.strerror})", str(folder), "choose another --output"
            ) from error
        if not ours:
            raise UserError(
                f"{who} is running here",
                str(folder),
                "wait for it to finish, or stop it first, or choose another --output",
            )
        yield


def _lock(opened: ExitStack, path: Path, flags: int) -> bool | None:
    """Whether `path` is ours until `opened` ends; None where the file system has no locks for such a thing."""
    handle = os.open(path, flags, 0o666)
    opened.callback(os.close, handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A new folder in `parent`, removed at the end, and with it those that killed processes have left there."""
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    folder, handle = _new_locked(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _new_locked(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=parent))
        with contextlib.suppress(FileNotFoundError):  # swept between the two lines
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                return folder, handle
            os.close(handle)


def _sweep(parent: Path) -> None:
    """Remove the scratch folders that nobody has locked."""
    for folder in parent.glob(f"{SCRATCH}*"):
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(handle)
