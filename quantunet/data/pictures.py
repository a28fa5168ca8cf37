# SPDX-License-Identifier: BSD-3-Clause
"""Image files, read by Pillow, and the frames of DICOM files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantunet.data.dicom_files import stored_of, told
from quantunet.data.problems import several
from quantunet_common.dicom import grey_values, to_unit, window_of
from quantunet_common.dicom_header import DicomHeader
from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file
from quantunet_common.pixels import MOST_PIXELS as MOST_PIXELS
from quantunet_common.pixels import is_deep, is_turned, limits, open_picture, scaled, to_unit_range


class ImageReader:
    """Reads the images of one data set, and remembers how those of more than 8 bits were read."""

    def __init__(self, contrast: Literal["as_stored", "percentiles"] = "as_stored") -> None:
        """`contrast`: as in `quantunet.data_config.FolderConfig`."""
        self._contrast = contrast
        self._deep = 0
        self._flat = 0
        self._turned = 0
        self._windowed = 0
        self._lowest, self._highest = float("inf"), float("-inf")

    def read(self, file: Path, channels: int) -> NDArray[np.float32]:
        """CHW in 0..1, as `quantunet_common.pixels.to_unit_range` has it.

        Raises:
            UserError: the file is unreadable, or `channels` is neither 1 nor 3.
        """
        _check_channels(channels)
        image = open_file(file)
        if is_deep(image):
            self._saw_deep(np.asarray(image))
        self._turned += is_turned(image)
        pixels = to_unit_range(image, channels)
        if self._contrast == "percentiles" and not is_deep(image):
            low, high = limits(pixels)
            return scaled(pixels, low, high) if low < high else pixels
        return pixels

    def dicom_frames(self, header: DicomHeader, channels: int) -> Iterator[NDArray[np.float32]]:
        """The frames of a DICOM image, CHW in 0..1, as `quantunet_common.dicom.to_unit` has it.

        Raises:
            UserError: the file is no image or damaged, or `channels` is neither 1 nor 3.
        """
        _check_channels(channels)
        if header.is_segmentation:
            raise UserError("is a segmentation, where an image should be", str(header.file), "Exchange image and mask.")
        by_percentiles = self._contrast == "percentiles"
        for frame, stored in enumerate(stored_of(header)):
            with told(header.file):
                if not header.colours and not by_percentiles and window_of(header, frame) is not None:
                    self._windowed += 1
                elif not header.colours and header.bits_stored > 8:
                    self._saw_deep(grey_values(header, frame, stored))
                unit = to_unit(header, frame, stored, channels, by_percentiles=by_percentiles)
            yield unit

    def _saw_deep(self, values: NDArray[Any]) -> None:
        known = values[np.isfinite(values)]
        lowest, highest = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        self._deep += 1
        self._flat += lowest == highest
        self._lowest, self._highest = min(self._lowest, lowest), max(self._highest, highest)

    def notes(self) -> list[str]:
        """What the summary of the data set is to say, in sentences."""
        said = []
        if self._deep:
            said.append(
                f"{several(self._deep, 'image')} of more than 8 bits, with values from {self._lowest:g} to "
                f"{self._highest:g}: each is scaled by its own 0.5th and 99.5th percentile"
            )
        if self._flat:
            said.append(f"black, as they have one value throughout: {self._flat} of these")
        if self._windowed:
            said.append(f"{several(self._windowed, 'DICOM image')} with black and white as the window in the file says")
        if self._turned:
            said.append(
                f"{several(self._turned, 'image')} to be turned, as a camera notes it (EXIF), and read as stored: look whether "
                "masks lie where they should (qu-data --pictures)"
            )
        return said


def _check_channels(channels: int) -> None:
    if channels not in (1, 3):
        raise UserError(
            f"image files have 1 or 3 channels, the network takes {channels}", "model.in_channels", "Use 1 or 3."
        )


def open_file(file: Path) -> Image.Image:
    """Raises:
    UserError: it is no picture that can be read.
    """
    require_input_file(file)
    try:
        return open_picture(file)
    except ValueError as error:
        raise UserError(f"is not a readable image ({error})", str(file), "Replace or remove the file.") from error
