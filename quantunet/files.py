"""Writing files so that a reader finds the old content or the new, never a part."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from pathlib import Path

from quantunet.errors import QuantUNetError


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
