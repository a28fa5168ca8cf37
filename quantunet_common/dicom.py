# SPDX-License-Identifier: BSD-3-Clause
"""DICOM files to what a network takes. The driver of a board takes this file along, so that host and training agree.

numpy, Pillow and pydicom 3 only, nothing of this project. `dicom_file` opens a file,
`dicom_header` says what is read of it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .dicom_file import SUFFIXES as SUFFIXES
from .dicom_file import UnreadableDicom, quiet
from .dicom_file import looks_like_dicom as looks_like_dicom
from .dicom_header import DicomHeader, read_header
from .pixels import limits, scaled, to_unit_range

#: Of one compressed frame; RLE unpacks to 64 times as much.
MOST_COMPRESSED_BYTES = 2**26
MOST_RLE_BYTES = 2**24
#: Of values and windows; their squares are finite in float64, and they themselves in float32.
_LARGEST = 1e30
_INSTALL = (
    "pip install pylibjpeg-openjpeg pylibjpeg-libjpeg, or python-gdcm; or write it uncompressed, such as with "
    "`gdcmconv --raw IN OUT`."
)


def unit_frames(file: Path, channels: int) -> Iterator[NDArray[np.float32]]:
    """Every frame of an image file, CHW in 0..1, see `to_unit`.

    Raises:
        UnreadableDicom: it is no image that is read, or `channels` is neither 1 nor 3.
        ImportError: there is no pydicom of version 3 or newer.
        OSError: the file cannot be opened.
    """
    header = read_header(file)
    if header.is_segmentation:
        raise UnreadableDicom("it is a segmentation, no image")
    for frame, stored in enumerate(stored_frames(header)):
        yield to_unit(header, frame, stored, channels)


def stored_frames(header: DicomHeader) -> Iterator[NDArray[Any]]:
    """The frames as stored: whole numbers HW, or red, green and blue HW3 of 8 bits.

    Raises:
        UnreadableDicom: they are damaged, or nothing is there that decompresses them.
    """
    frames = _decompressed(header) if header.is_compressed else _plain(header)
    for number in range(header.frames):
        with quiet():  # not while the frame is used, where others may be read
            try:
                pixels = next(frames, None)
                if pixels is None:
                    raise UnreadableDicom(f"it has {number} of {header.frames} frames")
                frame = _coloured(header, pixels) if header.colours else pixels
            except (UnreadableDicom, MemoryError):
                raise
            except Exception as error:  # of decoders, which may quote the file
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                raise UnreadableDicom("its pixels are damaged") from None
        yield frame


def grey_values(header: DicomHeader, frame: int, stored: NDArray[Any]) -> NDArray[np.float32]:
    """Values HW in the unit that the file states (Hounsfield units for CT): slope and intercept of the frame applied.

    Raises:
        UnreadableDicom: the slope is 0, or values become too large for float32.
    """
    slope, intercept = (
        header.number_of_frame(frame, "PixelValueTransformationSequence", keyword)
        for keyword in ("RescaleSlope", "RescaleIntercept")
    )
    if slope == 0:
        raise UnreadableDicom("its values are multiplied by 0 (RescaleSlope)")
    exact = stored.astype(np.float64) * (1.0 if slope is None else slope) + (intercept or 0.0)
    if np.abs(exact).max(initial=0) > _LARGEST:
        raise UnreadableDicom("its slope and intercept make values that are too large")
    return exact.astype(np.float32)


def window_of(header: DicomHeader, frame: int) -> tuple[float, float, str] | None:
    """Centre, width and function of the frame's first window; None where it states none that can be."""
    centre, width = (
        header.number_of_frame(frame, "FrameVOILUTSequence", keyword) for keyword in ("WindowCenter", "WindowWidth")
    )
    function = str(header.of_frame(frame, "FrameVOILUTSequence", "VOILUTFunction") or "LINEAR").strip()
    if (
        centre is None
        or width is None
        or max(abs(centre), width) > _LARGEST
        or function not in ("LINEAR", "LINEAR_EXACT", "SIGMOID")
    ):
        return None
    return (centre, width, function) if (width >= 1 if function == "LINEAR" else width > 0) else None


def to_unit(
    header: DicomHeader, frame: int, stored: NDArray[Any], channels: int, *, by_percentiles: bool = False
) -> NDArray[np.float32]:
    """A frame of `stored_frames` as CHW in 0..1, 1 channel of grey or 3 of red, green and blue.

    Colours are divided by 255. Grey is black and white where the file's first window says so. Without a window 8 bits use
    their whole range, and deeper grey the range that the frame has, as other pictures do (`quantunet_common.pixels.limits`).
    MONOCHROME1 is turned round. `by_percentiles`: every frame uses the range that it has, colours alike.

    Raises:
        UnreadableDicom: `channels` is another number, or the slope is 0.
    """
    if channels not in (1, 3):
        raise UnreadableDicom(f"image files have 1 or 3 channels, the network takes {channels}")
    if header.colours:
        unit = to_unit_range(Image.fromarray(stored), channels)
        low, high = limits(unit) if by_percentiles else (0.0, 1.0)
        return scaled(unit, low, high) if low < high else unit
    grey = _grey(header, frame, grey_values(header, frame, stored), by_percentiles)
    if header.is_inverted:
        grey = np.float32(1) - grey
    return np.repeat(grey[None], channels, axis=0)


def _grey(header: DicomHeader, frame: int, values: NDArray[np.float32], by_percentiles: bool) -> NDArray[np.float32]:
    window = None if by_percentiles else window_of(header, frame)
    if window is not None:
        return _windowed(values, *window)
    is_deep = header.bits_stored > 8
    low, high = limits(values) if is_deep or by_percentiles else (0.0, 0.0)
    if low < high:
        return scaled(values, low, high)
    return np.zeros_like(values) if is_deep else scaled(values, *_full_range(header, frame))


def _windowed(values: NDArray[np.float32], centre: float, width: float, function: str) -> NDArray[np.float32]:
    """PS3.3 C.11.2.1.2 and C.11.2.1.3, with 0 and 1 as the ends."""
    if function == "SIGMOID":
        return (1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -80, 80)))).astype(np.float32)
    low, high = centre - width / 2, centre + width / 2
    if function == "LINEAR":
        high -= 1
    return scaled(values, low, high) if low < high else (values > low).astype(np.float32)


def _full_range(header: DicomHeader, frame: int) -> tuple[float, float]:
    """The least and the greatest value that its bits can hold."""
    half = 2 ** (header.bits_stored - 1)
    ends = np.array((-half, half - 1) if header.is_signed else (0, 2 * half - 1))
    values = grey_values(header, frame, ends)
    return float(values.min()), float(values.max())


def _plain(header: DicomHeader) -> Iterator[NDArray[Any]]:
    """Frames that are not compressed, HW or HWS."""
    bits = header.frame_bits
    order = "<" if header.is_little_endian else ">"
    if not header.is_little_endian and header.bits_allocated < 16:
        raise UnreadableDicom("its bytes are in words of big-endian order", "Write it in little-endian order.")
    with header.open() as opened:
        for frame in range(header.frames):
            first = header.pixels_at + frame * bits // 8
            opened.seek(first)
            data = opened.read((((frame + 1) * bits + 7) // 8) - frame * bits // 8)
            if header.bits_allocated == 1:
                before = frame * bits % 8
                pixels = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[before : before + bits]
            else:
                kind = f"{order}{'i' if header.is_signed else 'u'}{header.bits_allocated // 8}"
                pixels = _used_bits(header, np.frombuffer(data, kind))
            yield _arranged(header, pixels)


def _used_bits(header: DicomHeader, pixels: NDArray[Any]) -> NDArray[Any]:
    """Those that are stored; what lies in the others (overlays, rubbish) is dropped and the sign extended."""
    if header.bits_stored == header.bits_allocated:
        return pixels
    above = header.bits_allocated - 1 - header.high_bit
    native = pixels.astype(pixels.dtype.newbyteorder("="))
    return (native << above) >> (header.bits_allocated - header.bits_stored)


def _arranged(header: DicomHeader, pixels: NDArray[Any]) -> NDArray[Any]:
    shape = header.rows, header.columns
    if header.samples == 1:
        return pixels.reshape(shape)
    if header.colours == "YBR_FULL_422":  # two of brightness, then blue and red of both
        pairs = pixels.reshape(-1, 4)
        return np.stack([pairs[:, :2].ravel(), *(pairs[:, at].repeat(2) for at in (2, 3))], axis=-1).reshape(*shape, 3)
    return pixels.reshape(3, *shape).transpose(1, 2, 0) if header.is_planar else pixels.reshape(*shape, 3)


def _decompressed(header: DicomHeader) -> Iterator[NDArray[Any]]:
    """Frames HW or HWS, colours as red, green and blue."""
    from pydicom.encaps import encapsulate, generate_frames
    from pydicom.pixels import get_decoder
    from pydicom.uid import RLELossless

    name = header.syntax.name
    try:
        decoder = get_decoder(header.syntax)
    except NotImplementedError:
        raise UnreadableDicom(f"it is compressed ({name}), which is not read", _INSTALL) from None
    if not decoder.is_available:
        raise UnreadableDicom(f"it is compressed ({name}), and nothing is installed that reads that", _INSTALL)
    is_rle = header.syntax == RLELossless
    options: Any = {
        "rows": header.rows,
        "columns": header.columns,
        "number_of_frames": 1,
        "samples_per_pixel": header.samples,
        "bits_allocated": header.bits_allocated,
        "bits_stored": header.bits_stored,
        "pixel_representation": int(header.is_signed),
        "photometric_interpretation": header.colours or "MONOCHROME2",
        "planar_configuration": int(header.is_planar),
        "pixel_keyword": "PixelData",
    }
    with header.open() as opened:
        for data in generate_frames(opened, number_of_frames=header.frames):
            most = MOST_RLE_BYTES if is_rle else MOST_COMPRESSED_BYTES
            if len(data) > most:
                raise UnreadableDicom(f"a compressed frame has {len(data):,} bytes, more than {most:,}")
            _check_size(header, data)
            try:
                pixels, _ = decoder.as_array(encapsulate([data]), index=0, **options)
            except Exception:
                raise UnreadableDicom(
                    f"a compressed frame ({name}) is damaged, or of a kind that nothing here reads", _INSTALL
                ) from None
            yield pixels


def _check_size(header: DicomHeader, data: bytes) -> None:
    """What Pillow would make of it: a compressed frame has a size of its own, which it could claim to be any."""
    from pydicom.uid import JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit, JPEGExtended12Bit

    if header.syntax not in (JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit, JPEGExtended12Bit):
        return
    try:
        size = Image.open(io.BytesIO(data), formats=("JPEG", "JPEG2000")).size
    except Exception:  # then Pillow does not decompress it either
        return
    if size != (header.columns, header.rows):
        raise UnreadableDicom(
            f"a compressed frame has {size[1]}x{size[0]} pixels, the file {header.rows}x{header.columns}"
        )


def _coloured(header: DicomHeader, pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Red, green and blue of 8 bits, HW3."""
    if header.colours == "PALETTE COLOR":
        from pydicom.pixels import apply_color_lut

        colours = apply_color_lut(np.array(pixels), header.data)[..., :3]
        return (colours >> 8 if colours.dtype == np.uint16 else colours).astype(np.uint8)
    if header.colours.startswith("YBR_FULL") and not header.is_compressed:
        planes = [Image.fromarray(np.ascontiguousarray(pixels[..., part])) for part in range(3)]
        return np.asarray(Image.merge("YCbCr", planes).convert("RGB"))
    return np.ascontiguousarray(pixels).astype(np.uint8)
