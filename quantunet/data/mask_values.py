# SPDX-License-Identifier: BSD-3-Clause
"""Which pixels of a data set's masks are the target: by what the configuration says, or by 0 and 255 or 0 and 1.

What the values mean is the same in all masks of a data set, and can be told only once all are read: a mask may hold
one value of three. So each mask is read as if all was well, and `Masks.check` has the last word.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantunet.data.mask_files import MaskPicture, mask_of_numbers, read_mask_file
from quantunet.data.mask_tally import BORDER, MaskTally, border_of
from quantunet.data.problems import listed, several
from quantunet.mask_config import TRANSPARENT, Label, MaskValues
from quantunet_common.errors import UserError

#: What stands for the target in a mask of two values: a label, or white of 8 and of 16 bits.
_USUAL = (1, 255, 65535)
#: More values than these are no labels that a person would write down.
_MOST_LABELS = 6

Marked = tuple[NDArray[np.bool_], NDArray[np.bool_] | None]
"""Where the target is, and where nobody said what is there; None where the configuration ignores nothing."""


class Masks:
    """The masks of one data set.

    Args:
        settings: None for a public data set, whose masks are known to be black and white.
        where: the data set, for messages.
        unit: what is counted, ``pixels`` or ``voxels``.
    """

    def __init__(self, settings: MaskValues | None, where: Path, unit: str = "pixels") -> None:
        self._settings = settings or MaskValues()
        self._is_configurable = settings is not None
        self._where = where
        self._tally = MaskTally(unit)
        self._images = self._bordered = 0

    def read(self, file: Path, like: tuple[int, int]) -> Marked:
        """A mask file HW, of the size `like`.

        Raises:
            UserError: it is unreadable, of another size, or cannot be read as the configuration says.
        """
        return self._marked(read_mask_file(file, like), file)

    def of_volume(self, values: NDArray[np.float32], file: Path) -> Marked:
        """The values of a volume, of any shape.

        Raises:
            UserError: they are no numbers.
        """
        return self._marked(mask_of_numbers(values, file), file)

    def saw(self, target: NDArray[np.bool_]) -> None:
        """Take note of the mask HW of one image, to notice target and background exchanged."""
        self._images += bool(target.any())
        self._bordered += bool(border_of(target).mean() >= BORDER)

    def _marked(self, mask: MaskPicture, file: Path) -> Marked:
        settings = self._settings
        self._tally.add(mask, file)
        if mask.is_inexact_jpeg and settings.threshold is None and (settings.labels is not None or settings.ignore):
            raise UserError(
                "is a JPEG mask whose values are not only black and white, and JPEG changes values",
                str(file),
                "Write masks as PNG, or use data.threshold in place of data.labels and data.ignore.",
            )
        ignored = mask.holds(settings.ignore) if settings.ignore else None
        if settings.threshold is not None:
            if mask.levels is None:
                kind = "colours" if mask.is_coloured else "a palette"
                raise UserError(
                    f"is a mask with {kind}, which a threshold does not suit", str(file), "Use data.labels."
                )
            target = np.asarray(mask.levels >= settings.threshold)
        elif isinstance(settings.labels, tuple):
            target = mask.holds(settings.labels)
        else:
            target = ~mask.holds((0, TRANSPARENT))
        return (target, None) if ignored is None else (target & ~ignored, ignored)

    def check(self) -> None:
        """To be called once all masks are read.

        Raises:
            UserError: which values are the target is not known. All values are told with their counts.
        """
        settings, tally = self._settings, self._tally
        if settings.labels is not None or settings.threshold is not None:
            return
        marks = tally.pixels.keys() - {0, *settings.ignore}
        if len(marks) > 1 or not marks <= {*_USUAL} or not tally.is_whole:
            what = f"the masks hold {tally.told()}, and it is not said which are the target"
        elif 255 in tally.of_palettes & marks:
            what = (
                f"the masks hold {tally.told()}, and index 255 of a palette may be the target or a border that nobody "
                "labelled"
            )
        elif tally.odd_palettes and marks:
            what = f"the palettes of the masks leave open what is the target: {listed(tally.odd_palettes, 1)}"
        else:
            return
        raise UserError(what, str(self._where), self._fix())

    def _fix(self) -> str:
        if not self._is_configurable:
            return "The masks of this data set are black and white: restore them from the archive."
        values = [label for label in self._tally.in_order() if label not in self._settings.ignore]
        has_colours = any(isinstance(label, str) and label != TRANSPARENT for label in values)
        if self._tally.inexact or len(values) > _MOST_LABELS:
            if has_colours:
                return (
                    "JPEG and soft edges change colours: write the masks as PNG with one colour for each class, and name "
                    "those of the target in data.labels (--labels)."
                )
            return (
                "Soft edges or JPEG: data.threshold: 128 (--threshold 128) takes all from there on. Numbered objects: "
                "data.labels: nonzero (--labels nonzero). Else name the values that are the target in data.labels."
            )
        around = self._tally.surrounding()
        background = around if around in values else TRANSPARENT if TRANSPARENT in values else 0
        marks = [label for label in values if label != background] or values
        first = marks if around not in (0, None) else marks[: 2 if len(marks) > 2 else 1]
        option = shlex.quote(",".join(str(label) for label in first))
        return (
            (f"{background} surrounds all else, as background does. " if background == around != 0 else "")
            + f"Name those of the target, such as data.labels: {json.dumps(first)} (--labels {option})"
            + (", or nonzero" if background == 0 else "")
            + "; all others are background. data.ignore (--ignore) names values of pixels that nobody labelled, such as "
            "borders of 255."
        )

    def values_found(self) -> str:
        """For the message that no mask marks anything."""
        said = [f"values in the masks: {listed([str(label) for label in self._tally.in_order()], 12)}"]
        for name in ("labels", "threshold", "ignore"):
            value = getattr(self._settings, name)
            if value not in (None, ()):
                verb = "is" if name == "threshold" else "are"
                said.append(f"data.{name} {verb} {list(value) if isinstance(value, tuple) else value}")
        return f" ({', '.join(said)})"

    def notes(self) -> list[str]:
        """What the summary of the data set is to say of its masks, in sentences."""
        settings, tally = self._settings, self._tally
        said = []
        if settings.labels is not None or settings.threshold is not None or settings.ignore:
            said.append(f"the masks hold {tally.told()}; {self._chosen()}")
        named = (*(settings.labels if isinstance(settings.labels, tuple) else ()), *settings.ignore)
        absent = [str(label) for label in named if label not in tally.pixels and tally.is_whole]
        if absent:
            said.append(f"no mask holds {listed(absent)}, which the configuration names")
        if tally.odd_palettes:
            said.append(f"masks count by index, whatever the palette says, and {listed(tally.odd_palettes, 1)}")
        if tally.restored:
            said.append(f"{several(tally.restored, 'JPEG mask')}: values were taken as 0 and 255, whichever is nearer")
        if tally.rounded and settings.threshold is None:
            said.append(f"{several(tally.rounded, 'mask')} with fractions, which were rounded")
        if self._images and self._bordered > self._images / 2:
            said.append(
                f"the target covers the border of {self._bordered} of {self._images} images all round: look whether target "
                "and background are exchanged (qu-data --pictures); data.labels: [0] takes what is 0"
            )
        return said

    def _chosen(self) -> str:
        settings = self._settings
        ignored = f", {_listed(settings.ignore)} left out" if settings.ignore else ""
        if settings.threshold is not None:
            return f"from {settings.threshold:g} on they are the target{ignored}"
        if isinstance(settings.labels, tuple):
            return f"the target is {_listed(settings.labels)}{ignored}"
        return f"all but 0 is the target{ignored}"


def _listed(labels: tuple[Label, ...]) -> str:
    return listed([str(label) for label in labels], 12)
