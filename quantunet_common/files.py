# SPDX-License-Identifier: BSD-3-Clause
"""Files that are either whole or absent: written beside their place, then renamed into it; and reading what may be damaged."""

from __future__ import annotations

import glob
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantunet_common.errors import UserError

# NumPy is imported where it is needed: the image's stage that fetches place and route uses this module without it.
if TYPE_CHECKING:
    import numpy as np

#: Ends the names of files that are being written.
UNFINISHED = ".part"


def remove_unfinished(folder: Path) -> None:
    """Remove what processes that were killed while they wrote have left below `folder`; nobody may be writing there."""
    for path in folder.rglob(f".*{UNFINISHED}"):
        path.unlink(missing_ok=True)


def require_input_file(path: Path, most_bytes: int | None = None) -> None:
    """Before a file of unknown origin is opened: a named pipe would be waited for, a device read without end.

    Raises:
        UserError: it is missing, no regular file (links are followed) or larger than `most_bytes`.
    """
    try:
        state = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a name that no system can hold
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(f"the file cannot be read ({reason})", str(path), "Give an existing file.") from error
    if not stat.S_ISREG(state.st_mode):
        raise UserError("the file cannot be read (it is not a regular file)", str(path), "Give a file.")
    if most_bytes is not None and state.st_size > most_bytes:
        raise UserError(
            f"the file has {state.st_size:,} bytes, more than the {most_bytes:,} that such a file may have",
            str(path),
            "Check that this is the right file.",
        )


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises OSError, or ValueError for what is no JSON or nested beyond any use."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_array(path: Path) -> np.ndarray:
    """The array in a .npy file of unknown origin, of any shape and type but objects; its values are read when used.

    Raises:
        UserError: it cannot be read, or is no such file.
    """
    import numpy as np

    require_input_file(path)
    try:
        # mapped: a header that claims more than the file holds takes no memory
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # NumPy's reader of headers ends on damaged ones with errors of many types
        raise UserError(
            f"is not a readable .npy array ({error})", str(path), "Give a file that numpy.save wrote."
        ) from None
    if not isinstance(array, np.ndarray):
        raise UserError("is an archive of arrays, not one array", str(path), "Give a file that numpy.save wrote.")
    return array


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file in the folder of `path`, made if need be, then rename it to `path`.

    Raises UserError where the folder cannot be written or the disk is full; nothing half-written is left.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=UNFINISHED)
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise _unwritable("file", path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text_atomically(path: Path, text: str) -> None:
    """`write_atomically` for UTF-8 text; bytes in names of files that are no text are written as escapes."""
    write_bytes_atomically(path, text.encode("utf-8", errors="backslashreplace"))


def write_bytes_atomically(path: Path, data: bytes) -> None:
    """`write_atomically` for bytes."""

    def write(temporary: Path) -> None:
        temporary.write_bytes(data)

    write_atomically(path, write)


def write_durably(path: Path, data: bytes) -> None:
    """`write_bytes_atomically` for what cannot be made again: it lies on the disk before it gets its name."""

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    write_atomically(path, write)


def copy_atomically(source: Path, path: Path) -> None:
    """Copy a file so that `path` is whole or absent."""

    def write(temporary: Path) -> None:
        shutil.copyfile(source, temporary)

    write_atomically(path, write)


def save_array(path: Path, array: np.ndarray) -> None:
    """`write_atomically` for an array of any shape, as float32 in NumPy's format."""
    import numpy as np

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.save(file, np.ascontiguousarray(array, np.float32))

    write_atomically(path, write)


def write_folder(path: Path, files: dict[str, bytes], marker: str) -> None:
    """Write the folder `path` with `files`, durably; a folder there is replaced only if it holds a file named `marker`.

    Raises:
        UserError: something else is there, or it cannot be written.
    """
    if path.exists() and not (path / marker).is_file():
        raise UserError("is taken by something else", str(path), "Give a path that does not exist yet.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
        try:
            for name, content in files.items():
                write_durably(fresh / name, content)
            fresh.chmod(0o777 & ~_umask())
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
        raise _unwritable("folder", path, error) from error


def recover_folder(path: Path) -> None:
    """Clear up after a kill within `write_folder`: the old folder returns if the new one did not come.

    Raises:
        UserError: it cannot be moved or removed.
    """
    pattern = f".{glob.escape(path.name)}."
    try:
        for aside in path.parent.glob(f"{pattern}old.*"):
            if not path.exists() and (aside / path.name).exists():
                (aside / path.name).replace(path)
        for leftover in path.parent.glob(f"{pattern}*"):
            shutil.rmtree(leftover)
    except OSError as error:
        raise _unwritable("folder", path, error) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(kind: str, path: Path, error: OSError) -> UserError:
    return UserError(
        f"the {kind} cannot be written ({error.strerror or error})",
        str(path),
        "free disk space or choose another folder, and check that you may write there",
    )
