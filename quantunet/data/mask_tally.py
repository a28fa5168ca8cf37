# SPDX-License-Identifier: BSD-3-Clause
"""What the masks of a data set hold together: values with their pixels, palettes, and what lies along their borders."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantunet.data.mask_files import MaskPicture
from quantunet.data.problems import several
from quantunet.mask_config import Label

#: Of values that are counted; a photograph in place of a mask has hundreds of thousands.
_MOST_VALUES = 4096
_SHOWN = 6
#: A value on this share of a mask's border surrounds what is in it.
BORDER = 0.9


class MaskTally:
    """Counts of all masks.

    `masks` is their number, `pixels` that of the pixels of each value, `restored`, `rounded` and `inexact` those of the
    masks whose values were not read as they are, see `MaskPicture`. `odd_palettes` tell, in words, where a palette's
    colours contradict its indices or another palette, `of_palettes` are all indices.
    """

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self.masks = 0
        self.pixels: Counter[Label] = Counter()
        self.is_whole = True
        self.restored = self.rounded = self.inexact = 0
        self.of_palettes: set[Label] = set()
        self.odd_palettes: list[str] = []
        self._holding: Counter[Label] = Counter()
        self._around: Counter[Label] = Counter()
        self._colours: dict[int, tuple[Label, str]] = {}

    def add(self, mask: MaskPicture, file: Path) -> None:
        self.masks += 1
        self.restored += mask.was_restored
        self.rounded += mask.was_rounded
        self.inexact += mask.is_inexact_jpeg
        counts = mask.counts()
        if len(self.pixels) + len(counts) > _MOST_VALUES:
            known = {label: number for label, number in counts.items() if label in self.pixels}
            room = _MOST_VALUES - len(self.pixels)
            fresh = [item for item in counts.items() if item[0] not in known]
            self.is_whole &= len(fresh) <= room
            counts = known | dict(fresh[:room])
        self.pixels.update(counts)
        self._holding.update(counts.keys())
        if mask.values.ndim == 2:
            around = MaskPicture(border_of(mask.values), mask.is_coloured).counts()
            most = max(around, key=lambda label: around[label])
            self._around[most] += around[most] >= BORDER * sum(around.values())
        self._compare_palettes(mask, file.name)

    def _compare_palettes(self, mask: MaskPicture, name: str) -> None:
        for index, colour in mask.palette.items():
            self.of_palettes.add(index)
            known, first = self._colours.setdefault(index, (colour, name))
            if known != colour:
                self.odd_palettes.append(f"index {index} is {_hex(known)} in {first} and {_hex(colour)} in {name}")
        outside, inside = mask.palette.get(0), mask.palette.get(1)
        if inside is None or outside is None:
            return
        if inside == 0 or (isinstance(outside, int) and isinstance(inside, int) and inside < outside):
            self.odd_palettes.append(f"in {name} index 1 is {_hex(inside)}, darker than index 0, {_hex(outside)}")

    def in_order(self) -> list[Label]:
        """All values, numbers first."""
        return sorted(self.pixels, key=_order)

    def surrounding(self) -> Label | None:
        """The value that lies along the border of most masks, if one does."""
        if not self._around:
            return None
        ((label, number),) = self._around.most_common(1)
        return label if number > self.masks / 2 else None

    def told(self) -> str:
        """The number of values, and those of most pixels with their counts."""
        total, values = sum(self.pixels.values()), self.in_order()
        shown = values if len(values) <= _SHOWN else sorted(values, key=lambda value: -self.pixels[value])[:_SHOWN]
        texts = [
            f"{label} ({self.pixels[label]:,} {self._unit}, {self.pixels[label] / total:.2%}, in "
            f"{self._holding[label]} of {several(self.masks, 'mask')})"
            for label in shown
        ]
        more = f" and {len(values) - len(shown):,} more" if len(values) > len(shown) else ""
        number = f"{len(values):,}" if self.is_whole else f"more than {len(values):,}"
        return f"{number} {'value' if len(values) == 1 else 'values'}: {', '.join(texts)}{more}"


def border_of(pixels: NDArray[Any]) -> NDArray[Any]:
    """Those along the border of HW."""
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def _order(label: Label) -> tuple[bool, int, str]:
    return (True, 0, label) if isinstance(label, str) else (False, label, "")


def _hex(label: Label) -> str:
    return f"#{label:02x}{label:02x}{label:02x}" if isinstance(label, int) else label
