# SPDX-License-Identifier: BSD-3-Clause
"""Where results that depend only on content are kept between builds: compiled simulators, synthesized operators.

An entry is one file or folder whose name ends in a check sum of what it holds, so that one that was damaged since is
noticed, and made again. Entries appear whole, by renaming; several builds may use a cache at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from quantunet_common.locks import scratch_folder

_CHECK_DIGITS = 16


def cache_folder(kind: str) -> Path:
    """Folder for one kind of result: `$QU_CACHE`, else `$XDG_CACHE_HOME/hw_flows`, else `~/.cache/hw_flows`."""
    if root := os.environ.get("QU_CACHE"):
        return Path(root) / kind
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hw_flows" / kind


def find_entry(folder: Path, key: str, suffix: str) -> Path | None:
    """What is kept under `key` in a folder of the cache, a file or a folder; None where there is none that is whole.

    Damaged ones are removed. `key` is made of letters, digits, `_` and `-`.
    """
    for path in sorted(folder.glob(f"{key}-{'[0-9a-f]' * _CHECK_DIGITS}{suffix}")):
        with contextlib.suppress(OSError):  # another build may remove it meanwhile
            if path.name == _name(key, path, suffix):
                return path
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return None


def keep_entry(folder: Path, key: str, suffix: str, made: Path) -> Path:
    """Move `made`, which lies in a `scratch_folder` of `folder`, to its place; the place."""
    path = folder / _name(key, made, suffix)
    try:
        made.replace(path)
    except OSError:
        if not path.is_dir():
            raise
        # another build has put the same folder there meanwhile
    return path


def cached(kind: str, key: str, suffix: str, make: Callable[[Path], None]) -> tuple[Path, bool]:
    """What is kept under `key`, and whether it was there; where it was not, `make` writes it to the path it is given."""
    folder = cache_folder(kind)
    if (found := find_entry(folder, key, suffix)) is not None:
        return found, True
    with scratch_folder(folder) as work:
        made = work / f"made{suffix}"
        make(made)
        return keep_entry(folder, key, suffix, made), False


def _name(key: str, content: Path, suffix: str) -> str:
    digest = hashlib.sha256()
    if content.is_dir():
        for path in sorted(path for path in content.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(content)} {path.stat().st_size}\n".encode() + path.read_bytes())
    else:
        digest.update(content.read_bytes())
    return f"{key}-{digest.hexdigest()[:_CHECK_DIGITS]}{suffix}"
