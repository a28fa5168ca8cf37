# SPDX-License-Identifier: BSD-3-Clause
"""DICOM files of unknown origin, up to their elements. The driver of a board takes this file along.

pydicom 3 only, nothing of this project. How much is read is bounded. pydicom's own warnings and errors quote what stands in a
file, so they are kept quiet and their texts are dropped.
"""

from __future__ import annotations

import io
import logging
import stat
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

SUFFIXES = (".dcm", ".dicom")
#: A table of contents: no image, though it has the mark.
_INDEX = "DICOMDIR"
_MAGIC_AT, _MAGIC = 128, b"DICM"
#: Bytes that may be read before the pixels; what is skipped, such as private elements, does not count.
MOST_HEADER_BYTES = 8 * 2**20
#: Of a file that is compressed as a whole.
MOST_INFLATED_BYTES = 2**28


class UnreadableDicom(ValueError):
    """What is wrong with a file, and what to do about it; may be empty."""

    def __init__(self, what: str, fix: str = "") -> None:
        self.fix = fix
        super().__init__(what)


def name_without_suffix(file: Path) -> str:
    """A name such as ``IM0001`` or ``1.2.840.3`` has no suffix."""
    return file.stem if file.suffix.lower() in SUFFIXES else file.name


def looks_like_dicom(file: Path) -> bool:
    """Whether a regular file has the mark of DICOM, or, unread, its suffix."""
    try:
        if file.name == _INDEX or not stat.S_ISREG(file.stat().st_mode):
            return False
        if file.suffix.lower() in SUFFIXES:
            return True
        with file.open("rb") as opened:
            opened.seek(_MAGIC_AT)
            return opened.read(len(_MAGIC)) == _MAGIC
    except (OSError, ValueError):
        return False


@contextmanager
def checked_file(file: Path) -> Iterator[tuple[BinaryIO, int]]:
    """An open file that begins as DICOM does, and its size; errors of pydicom get a text of ours."""
    with file.open("rb") as opened, quiet():
        size = opened.seek(0, io.SEEK_END)
        opened.seek(_MAGIC_AT)
        if opened.read(len(_MAGIC)) != _MAGIC:
            raise UnreadableDicom("it does not begin as DICOM files do", "Give a file as PS3.10 of DICOM has it.")
        try:
            yield opened, size
        except (UnreadableDicom, MemoryError):
            raise
        except Exception as error:  # pydicom ends on damaged files with errors of many types, which quote them
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise UnreadableDicom("it is damaged") from None


@contextmanager
def quiet() -> Iterator[None]:
    """pydicom says nothing: it quotes values, of whatever element."""
    logger = logging.getLogger("pydicom")
    kept = logger.handlers, logger.propagate, logger.disabled
    # Its modules have loggers below this one, whose records go up to it and no further.
    logger.handlers, logger.propagate, logger.disabled = [logging.NullHandler()], False, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.handlers, logger.propagate, logger.disabled = kept


def read_text(file: Path, keyword: str) -> str:
    """One element alone, as text; nothing where there is none. What follows it is not read.

    Raises: as `quantunet_common.dicom_header.read_header`.
    """
    from pydicom.datadict import tag_for_keyword

    wanted = tag_for_keyword(keyword) or 0
    with checked_file(file) as (opened, size):
        data = written(opened, size).read(lambda tag, vr, length: tag > wanted, [wanted])
        return element_text(data, keyword)


@dataclass
class Written:
    """A file behind its first group, and how the rest is written; `inflated`: unpacked, of one that is compressed whole."""

    stream: Any
    size: int
    syntax: Any
    inflated: bytes | None = None

    def read(self, stop: Callable[[int, str | None, int], bool], tags: Sequence[int]) -> Any:
        """Elements up to where `stop` says."""
        from pydicom.filereader import read_dataset

        implicit, little, wanted = self.syntax.is_implicit_VR, self.syntax.is_little_endian, list(tags)
        try:
            return read_dataset(self.stream, implicit, little, stop_when=stop, specific_tags=wanted)
        finally:
            self.stream.check()


def written(opened: BinaryIO, size: int) -> Written:
    """The file that `checked_file` opened, read up to the end of its first group.

    Raises:
        UnreadableDicom: it does not say how the rest is written, or unpacks to too much.
    """
    from pydicom.filereader import read_dataset
    from pydicom.uid import DeflatedExplicitVRLittleEndian, PrivateTransferSyntaxes

    stream: Any = _Bounded(opened, size)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, vr, length: tag >> 16 != 2)
    syntax = meta.get("TransferSyntaxUID")
    if syntax is None or not syntax.is_transfer_syntax or syntax in PrivateTransferSyntaxes:
        raise UnreadableDicom("it does not say how it is written (transfer syntax), or in a way that is not known")
    if syntax != DeflatedExplicitVRLittleEndian:
        return Written(stream, size, syntax)
    inflated = _inflated(opened)
    return Written(_Bounded(io.BytesIO(inflated), len(inflated)), len(inflated), syntax, inflated)


def element_text(data: Any, keyword: str) -> str:
    """An element as text; nothing where there is none.

    Raises:
        UnreadableDicom: it is damaged.
    """
    try:
        return str(data.get(keyword) or "").strip()
    except Exception:
        raise UnreadableDicom(f"{keyword} is damaged") from None


class _Bounded:
    """A file of which no more than so many bytes are read."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        self._left = MOST_HEADER_BYTES
        self.tell = file.tell

    def check(self) -> None:
        """pydicom catches the error of a read, and goes on or raises another."""
        if self._left < 0:
            raise UnreadableDicom(
                f"more than {MOST_HEADER_BYTES:,} bytes stand before its pixels",
                "Write fewer frames or segments into a file.",
            )

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def read(self, count: int = -1) -> bytes:
        there = max(0, self._size - self._file.tell())
        count = there if count < 0 else min(count, there)
        self._left -= count
        if self._left < 0:
            raise EOFError
        return self._file.read(count)


def _inflated(opened: BinaryIO) -> bytes:
    """What follows, unpacked."""
    packed = zlib.decompressobj(-zlib.MAX_WBITS)
    parts, count = [], 0
    while chunk := packed.unconsumed_tail or opened.read(2**16):
        parts.append(packed.decompress(chunk, 2**20))
        count += len(parts[-1])
        if count > MOST_INFLATED_BYTES:
            raise UnreadableDicom(f"it unpacks to more than {MOST_INFLATED_BYTES:,} bytes")
        if packed.eof:
            break
    return b"".join(parts)
