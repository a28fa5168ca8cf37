# SPDX-License-Identifier: BSD-3-Clause
"""What a DICOM file says of its pixels, read and checked before any pixel is. The driver of a board takes this file along.

pydicom 3 only, nothing of this project. Nothing that names a person is read: what is read is listed in `TAGS`, and nothing
but sizes, numbers of bits and the like gets into a message.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from .dicom_file import UnreadableDicom, checked_file, element_text, quiet, written
from .pixels import MOST_PIXELS

MOST_FRAMES = 2**16
_PIXELS = 0x7FE00010
_FLOATING_PIXELS = (0x7FE00008, 0x7FE00009)
_UNDEFINED = 0xFFFFFFFF
_SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
_GREY, _COLOURS = ("MONOCHROME1", "MONOCHROME2"), ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_PALETTE = "PALETTE COLOR"

#: Keywords of all that is read.
TAGS = (
    *("SOPClassUID", "SOPInstanceUID", "NumberOfFrames", "Rows", "Columns", "SamplesPerPixel", "PlanarConfiguration"),
    *("PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "WindowCenter", "WindowWidth", "VOILUTFunction"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *(
        f"{colour}PaletteColorLookupTable{part}"
        for colour in ("Red", "Green", "Blue")
        for part in ("Descriptor", "Data")
    ),
)


@dataclass(frozen=True)
class DicomHeader:
    """One file: where its pixels lie and what they mean.

    `frames` pictures of `rows` x `columns` with `samples` values a pixel, each of `bits_stored` bits, the highest of them
    `high_bit` of `bits_allocated`. `is_inverted`: the lowest value is white. `colours` is RGB, YBR..., or PALETTE COLOR;
    nothing for grey. `data` is all that was read of the file.
    """

    file: Path
    data: Any
    syntax: Any
    is_little_endian: bool
    rows: int
    columns: int
    frames: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    is_planar: bool
    is_inverted: bool
    colours: str
    is_segmentation: bool
    pixels_at: int
    inflated: bytes | None = None

    @property
    def frame_bits(self) -> int:
        """Bits of a frame that is not compressed."""
        # Of two neighbours YBR_FULL_422 stores the colour once.
        samples = 2 if self.colours == "YBR_FULL_422" and not self.is_compressed else self.samples
        return self.rows * self.columns * samples * self.bits_allocated

    @property
    def is_compressed(self) -> bool:
        return bool(self.syntax.is_encapsulated)

    def open(self) -> BinaryIO:
        """The file, at its pixels."""
        opened = self.file.open("rb") if self.inflated is None else io.BytesIO(self.inflated)
        opened.seek(self.pixels_at)
        return opened

    def of_frame(self, frame: int, sequence: str, keyword: str) -> Any:
        """What a frame has: of its own (in `sequence`), of all frames, or of the file; None if it says nothing."""
        with quiet():  # values are converted when they are asked for
            try:
                own = self.data.get("PerFrameFunctionalGroupsSequence") or ()
                groups = [own[frame]] if frame < len(own) else []
                groups += list(self.data.get("SharedFunctionalGroupsSequence") or ())[:1]
                for group in groups:
                    found = group.get(sequence)
                    if found and found[0].get(keyword) is not None:
                        return found[0].get(keyword)
                return self.data.get(keyword)
            except Exception:
                raise UnreadableDicom(f"{keyword} is damaged") from None

    def numbers_of_frame(self, frame: int, sequence: str, keyword: str) -> tuple[float, ...]:
        """The numbers of `of_frame`; none where they are damaged or not finite."""
        value = self.of_frame(frame, sequence, keyword)
        try:
            numbers = tuple(float(part) for part in ((value,) if isinstance(value, (int, float, str)) else value or ()))
        except Exception:
            return ()
        return numbers if all(map(math.isfinite, numbers)) else ()

    def number_of_frame(self, frame: int, sequence: str, keyword: str) -> float | None:
        """The first number of `numbers_of_frame`; None where there is none."""
        return next(iter(self.numbers_of_frame(frame, sequence, keyword)), None)

    def text(self, keyword: str) -> str:
        """Of the file; nothing where it says nothing or what is damaged."""
        with quiet():
            try:
                return str(self.data.get(keyword) or "").strip()
            except Exception:
                return ""


def read_header(file: Path, more_tags: Sequence[str] = ()) -> DicomHeader:
    """Read and check all before the pixels. `more_tags`: keywords of what is to be in `DicomHeader.data` besides.

    Raises:
        UnreadableDicom: it is no DICOM file, damaged or cut off, holds no pixels, or is of a kind that is not read.
        ImportError: there is no pydicom of version 3 or newer.
        OSError: the file cannot be opened.
    """
    import pydicom.pixels  # noqa: F401  what older versions lack

    with checked_file(file) as (opened, size):
        return _read(file, opened, size, (*TAGS, *more_tags))


@dataclass
class _AtPixels:
    """Stops pydicom at the pixels of the file, and keeps where they are."""

    stream: Any
    tag: int = 0
    at: int = 0
    length: int = 0

    def __call__(self, tag: int, vr: str | None, length: int) -> bool:
        if tag not in (_PIXELS, *_FLOATING_PIXELS):
            return False
        self.tag, self.at, self.length = int(tag), self.stream.tell(), length
        return True


def _read(file: Path, opened: BinaryIO, size: int, keywords: Sequence[str]) -> DicomHeader:
    from pydicom.datadict import tag_for_keyword

    source = written(opened, size)
    stop = _AtPixels(source.stream)
    data = source.read(stop, [tag for tag in map(tag_for_keyword, keywords) if tag])
    if stop.tag in _FLOATING_PIXELS:
        raise UnreadableDicom("its pixels are floating-point numbers", "Write them as whole numbers, or as NIfTI.")
    if not stop.tag:
        raise UnreadableDicom("it holds no pixels, or is cut off before them")
    header = _checked(file, data, source.syntax, stop.at, source.inflated)
    if header.is_compressed != (stop.length == _UNDEFINED):
        raise UnreadableDicom("its pixels are not written as its transfer syntax says")
    wanted, there = (header.frame_bits * header.frames + 7) // 8, min(source.size - stop.at, stop.length)
    if not header.is_compressed and there < wanted:
        raise UnreadableDicom(f"it has {there:,} bytes of pixels where its size asks for {wanted:,}")
    if header.is_compressed and header.frames * 8 > source.size - stop.at:
        raise UnreadableDicom(f"it is too short for {header.frames:,} frames")
    return header


def _checked(file: Path, data: Any, syntax: Any, at: int, inflated: bytes | None) -> DicomHeader:
    rows, columns = (_integer(data, keyword, range(1, 2**16)) for keyword in ("Rows", "Columns"))
    if rows * columns > MOST_PIXELS:
        raise UnreadableDicom(f"{rows}x{columns} pixels, more than {MOST_PIXELS:,}")
    kind = element_text(data, "PhotometricInterpretation")
    if kind not in (*_GREY, *_COLOURS, _PALETTE):
        raise UnreadableDicom(
            "its photometric interpretation is none that is read", f"Write one of {', '.join((*_GREY, *_COLOURS))}."
        )
    samples = _integer(data, "SamplesPerPixel", range(1, 4), 1)
    if samples != (3 if kind in _COLOURS else 1):
        raise UnreadableDicom(f"it has {samples} values a pixel, which is not what {kind} has")
    allocated = _integer(data, "BitsAllocated", range(1, 65))
    if allocated not in (1, 8, 16) or (samples == 3 and allocated != 8):
        raise UnreadableDicom(
            f"its values are stored in {allocated} bits",
            "Grey of 8 and 16 bits, colours of 8 and segments of 1 are read.",
        )
    stored = _integer(data, "BitsStored", range(1, allocated + 1), allocated)
    high = _integer(data, "HighBit", range(stored - 1, allocated), stored - 1)
    if kind == "YBR_FULL_422" and columns % 2:
        raise UnreadableDicom("its rows of YBR_FULL_422 have an odd number of pixels")
    if data.get("ModalityLUTSequence"):
        raise UnreadableDicom("its values are looked up in a table (Modality LUT), which is not read")
    return DicomHeader(
        file=file,
        data=data,
        syntax=syntax,
        is_little_endian=syntax.is_little_endian,
        rows=rows,
        columns=columns,
        frames=_integer(data, "NumberOfFrames", range(1, MOST_FRAMES + 1), 1),
        samples=samples,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high,
        is_signed=bool(_integer(data, "PixelRepresentation", range(2), 0)),
        is_planar=bool(_integer(data, "PlanarConfiguration", range(2), 0)),
        is_inverted=kind == "MONOCHROME1",
        colours="" if kind in _GREY else kind,
        is_segmentation=element_text(data, "SOPClassUID") in _SEGMENTATIONS,
        pixels_at=at,
        inflated=inflated,
    )


def _integer(data: Any, keyword: str, allowed: range, default: int | None = None) -> int:
    try:
        value = data.get(keyword)
        number = default if value is None or value == "" else int(value)
    except Exception:  # its text may be anything
        raise UnreadableDicom(f"{keyword} is no number") from None
    if number is None:
        raise UnreadableDicom(f"{keyword} is missing")
    if number not in allowed:
        raise UnreadableDicom(f"{keyword} is {number}, not {allowed[0]} to {allowed[-1]}")
    return number
