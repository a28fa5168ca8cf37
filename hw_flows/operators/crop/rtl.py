# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of ImageCrop."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from hw_flows.accelerator import Role
from hw_flows.operators.base import Border, Cost, RtlOperator
from hw_flows.operators.crop.hw import ImageCrop
from hw_flows.operators.shared.checks import four_sides, image_parameters, require


class OpenImageCrop_rtl(RtlOperator, ImageCrop):
    """Input (1, H, W, C), output (1, H - top - bottom, W - left - right, C); SIMD elements a word, one word a cycle in."""

    role: ClassVar[Role] = Role.PART
    module = "qu_crop"
    sources = (Path(__file__).with_name("qu_crop.sv"),)

    def rtl_parameters(self) -> dict[str, int]:
        image = image_parameters(self)
        top, left, bottom, right = four_sides(self, "Cropping")
        require(
            top + bottom < image["HEIGHT"] and left + right < image["WIDTH"],
            self,
            f"Cropping = {[top, left, bottom, right]} leaves no pixel of ImgDim = {[image['HEIGHT'], image['WIDTH']]}",
            "crop less",
        )
        return {
            **image,
            "CROP_TOP": top,
            "CROP_LEFT": left,
            "CROP_BOTTOM": bottom,
            "CROP_RIGHT": right,
        }

    def lead(self, border: Border | None) -> float:
        """The rows and pixels before the window that are no border."""
        image = border or Border(0, 0, *map(int, self.get_nodeattr("ImgDim")))
        rows, pixels, _, _ = map(int, self.get_nodeattr("Cropping"))
        ahead = (rows - image.top) * image.width + pixels - image.left
        return max(0, ahead) / (image.height * image.width)

    def cost(self) -> Cost:
        """Two counters with comparisons, one register; fitted to `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        rows, words = (p["HEIGHT"] - 1).bit_length(), (p["WIDTH"] * p["FOLD"] - 1).bit_length()
        return Cost(lut=16.7 + 1.9 * rows + 0.55 * words, ff=p["WORD_BITS"] + rows + words + 3)
