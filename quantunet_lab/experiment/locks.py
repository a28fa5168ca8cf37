# SPDX-License-Identifier: BSD-3-Clause
"""A folder for one process alone, on whichever machine it runs."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quantunet.errors import QuantUNetError

LOCK = ".lock"


@contextmanager
def locked(folder: Path, who: str) -> Iterator[None]:
    """Hold `folder`/.lock; the system gives it back also where the process is killed.

    Args:
        who: may be at work there, for the message.

    Raises:
        QuantUNetError: another process holds it, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("w")
    except OSError as error:
        raise QuantUNetError(f"cannot be used ({error.strerror})", str(folder), "Choose another --output.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise QuantUNetError(
                f"{who} is running here", str(folder), "Wait for it to finish, or stop it first."
            ) from error
        yield
