# SPDX-License-Identifier: BSD-3-Clause
"""Resized pictures of 8 bits, in memory while they are few and in a mapped temporary file beyond."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from quantunet.data.pairs import Pairs, mapped_pairs
from quantunet_common.errors import UserError


class PictureStore:
    """Takes one picture after another and gives them as `Pairs`.

    Args:
        shape: of an image, CHW; its mask is 1HW.
        limit: bytes to hold in memory.
    """

    def __init__(self, shape: tuple[int, int, int], limit: int) -> None:
        self._shapes = {"images": shape, "masks": (1, *shape[1:])}
        self._limit = limit
        self._held: dict[str, list[NDArray[np.uint8]]] = {"images": [], "masks": []}
        self._names: list[str] = []
        self._cases: list[str] = []
        self._folder: Path | None = None
        self._files: dict[str, BinaryIO] = {}

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str, image: NDArray[np.uint8], mask: NDArray[np.uint8], case: str | None = None) -> None:
        """`case` is the one that the picture is of; None: it is one itself.

        Raises:
            UserError: there is no room for the temporary file.
        """
        for kind, picture in (("images", image), ("masks", mask)):
            assert picture.shape == self._shapes[kind] and picture.dtype == np.uint8
            if self._files:
                self._write(kind, picture)
            else:
                self._held[kind].append(picture)
        self._names.append(name)
        self._cases.append(name if case is None else case)
        if not self._files and len(self._names) * (image.nbytes + mask.nbytes) > self._limit:
            self._spill()

    def pairs(self) -> Pairs:
        """What was added, in that order; nothing can be added after."""
        names, cases = tuple(self._names), tuple(self._cases)
        if self._folder is None:
            return Pairs(self._stacked("images"), self._stacked("masks"), names, cases=cases)
        for file in self._files.values():
            file.close()
        files = (self._folder / "images", self._folder / "masks")
        pairs = mapped_pairs(files, self._shapes["images"], names, cases)
        # A forked worker inherits the finalizer, but the file is its parent's.
        weakref.finalize(pairs, _remove, self._folder, os.getpid())
        return pairs

    def discard(self) -> None:
        """Give up what was added."""
        for file in self._files.values():
            file.close()
        if self._folder is not None:
            _remove(self._folder, os.getpid())

    def _stacked(self, kind: str) -> NDArray[np.uint8]:
        return np.stack(self._held[kind]) if self._held[kind] else np.zeros((0, *self._shapes[kind]), np.uint8)

    def _spill(self) -> None:
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="quantunet-"))
            self._files = {kind: (self._folder / kind).open("wb") for kind in self._held}
        except OSError as error:
            raise _no_room(error) from error
        for kind, pictures in self._held.items():
            for picture in pictures:
                self._write(kind, picture)
            pictures.clear()

    def _write(self, kind: str, picture: NDArray[np.uint8]) -> None:
        try:
            self._files[kind].write(picture.tobytes())
        except OSError as error:
            raise _no_room(error) from error


def _no_room(error: OSError) -> UserError:
    return UserError(
        f"the temporary file of the pictures cannot be written ({error.strerror or error})",
        tempfile.gettempdir(),
        "Make room, set TMPDIR to a folder with room, or hold more in memory with data.memory_mib.",
    )


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
