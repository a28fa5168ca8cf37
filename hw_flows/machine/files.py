# SPDX-License-Identifier: BSD-3-Clause
"""Files that are either whole or absent: written beside their place, then renamed into it; and reading what may be damaged."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hw_flows.machine.errors import UserError

if TYPE_CHECKING:
    import numpy as np

#: Ends the names of files that are being written.
UNFINISHED = ".part"


def remove_unfinished(folder: Path) -> None:
    """Remove what processes that were killed while they wrote have left below `folder`; nobody may be writing there."""
    for path in folder.rglob(f".*{UNFINISHED}"):
        path.unlink(missing_ok=True)


def require_input_file(path: Path, most_bytes: int | None = None) -> None:
    """Before a file of unknown origin is opened. Raises UserError where it is missing, no regular file or too large.

    A named pipe would be waited for, a device read without end.
    """
    from quantunet.errors import QuantUNetError
    from quantunet.files import check_input_file

    try:
        check_input_file(path, most_bytes)
    except QuantUNetError as error:
        raise UserError(f"the file {error.what}", error.where, error.fix) from None


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises OSError, or ValueError for what is no JSON or nested beyond any use."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file in the folder of `path`, then rename it to `path`.

    Raises UserError where the folder cannot be written or the disk is full; nothing half-written is left.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=UNFINISHED)
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except OSError as error:
        raise UserError(
            f"cannot write: {error.strerror or error}",
            str(path),
            "free disk space or choose another folder, and check that you may write there",
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text_atomically(path: Path, text: str) -> None:
    """`write_atomically` for UTF-8 text; bytes in names of files that are no text are written as escapes."""
    write_atomically(path, lambda temporary: _write_text(temporary, text))


def write_bytes_atomically(path: Path, data: bytes) -> None:
    """`write_atomically` for bytes."""
    write_atomically(path, lambda temporary: _write_bytes(temporary, data))


def copy_atomically(source: Path, path: Path) -> None:
    """Copy a file so that `path` is whole or absent."""
    write_atomically(path, lambda temporary: _copy(source, temporary))


def save_array(path: Path, array: np.ndarray) -> None:
    """`write_atomically` for an array of any shape, as float32 in NumPy's format."""
    # Not above: the image's stage that fetches place and route uses this module and has no NumPy.
    import numpy as np

    def write(temporary: Path) -> None:
        with temporary.open("wb") as handle:
            np.save(handle, np.ascontiguousarray(array, np.float32))

    write_atomically(path, write)


def _copy(source: Path, path: Path) -> None:
    shutil.copyfile(source, path)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def _write_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)
