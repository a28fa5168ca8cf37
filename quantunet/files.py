# SPDX-License-Identifier: BSD-3-Clause
"""Reading files of unknown origin, and writing files so that a reader finds the old content or the new, never a part."""

from __future__ import annotations

import glob
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from quantunet.errors import QuantUNetError

if TYPE_CHECKING:
    import numpy as np


def check_input_file(path: Path, most_bytes: int | None = None) -> None:
    """Before a file of unknown origin is opened: a named pipe would be waited for, a device read without end.

    Raises:
        QuantUNetError: it is missing, no regular file (links are followed) or larger than `most_bytes`.
    """
    try:
        state = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a name that no system can hold
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise QuantUNetError(f"cannot be read ({reason})", str(path), "Give an existing file.") from error
    if not stat.S_ISREG(state.st_mode):
        raise QuantUNetError("cannot be read (it is not a regular file)", str(path), "Give a file.")
    if most_bytes is not None and state.st_size > most_bytes:
        raise QuantUNetError(
            f"has {state.st_size:,} bytes, more than the {most_bytes:,} that such a file may have",
            str(path),
            "Check that this is the right file.",
        )


def read_array(path: Path) -> np.ndarray:
    """The array in a .npy file of unknown origin, of any shape and type but objects; its values are read when used.

    Raises:
        QuantUNetError: it cannot be read, or is no such file.
    """
    import numpy as np

    check_input_file(path)
    try:
        # mapped: a header that claims more than the file holds takes no memory
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # NumPy's reader of headers ends on damaged ones with errors of many types
        raise QuantUNetError(
            f"is not a readable .npy array ({error})", str(path), "Give a file that numpy.save wrote."
        ) from None
    if not isinstance(array, np.ndarray):
        raise QuantUNetError("is an archive of arrays, not one array", str(path), "Give a file that numpy.save wrote.")
    return array


def write_file(path: Path, content: bytes) -> None:
    """Write `path` at once or not at all; missing parent folders are made.

    Raises:
        QuantUNetError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from error


def write_folder(path: Path, files: dict[str, bytes], marker: str) -> None:
    """Write the folder `path` with `files`; a folder there is replaced only if it holds a file named
    `marker`.

    Raises:
        QuantUNetError: something else is there, or it cannot be written.
    """
    if path.exists() and not (path / marker).is_file():
        raise QuantUNetError("is taken by something else", str(path), "Give a path that does not exist yet.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
        try:
            for name, content in files.items():
                write_file(fresh / name, content)
            fresh.chmod(0o755)
            if path.exists():
                old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.old."))
                path.replace(old / path.name)
                fresh.replace(path)
                shutil.rmtree(old)
            else:
                fresh.replace(path)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> QuantUNetError:
    return QuantUNetError(
        f"cannot be written ({error.strerror or error})",
        str(path),
        "Give a writable path on a disk with room.",
    )


def recover_folder(path: Path) -> None:
    """Clear up after a kill within `write_folder`: the old folder returns if the new one did not come.

    Raises:
        QuantUNetError: it cannot be moved or removed.
    """
    pattern = f".{glob.escape(path.name)}."
    try:
        for aside in path.parent.glob(f"{pattern}old.*"):
            if not path.exists() and (aside / path.name).exists():
                (aside / path.name).replace(path)
        for leftover in path.parent.glob(f"{pattern}*"):
            shutil.rmtree(leftover)
    except OSError as error:
        raise _unwritable(path, error) from error
