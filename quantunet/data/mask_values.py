"""Which pixels of a data set's masks are the target: by what the configuration says, or by 0 and 255 or 0 and 1.

What the values mean is the same in all masks of a data set, and can be told only once all are read: a mask may hold
one value of three. So each mask is read as if all was well, and `Masks.check` has the last word.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantunet.data.mask_files import MaskPicture, mask_of_numbers, read_mask_file
from quantunet.data.problems import listed
from quantunet.errors import QuantUNetError
from quantunet.mask_config import TRANSPARENT, Label, MaskValues

#: Of values that are counted; a photograph in place of a mask has hundreds of thousands.
_MOST_VALUES = 4096
_SHOWN = 6
#: A mask that covers this share of an image's border may have target and background exchanged.
_BORDER = 0.9
#: What stands for the target in a mask of two values: a label, or white of 8 and of 16 bits.
_USUAL = (1, 255, 65535)

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
        self._unit = unit
        self._masks = 0
        self._pixels: Counter[Label] = Counter()
        self._holding: Counter[Label] = Counter()
        self._uncounted = False
        self._indices: dict[int, tuple[Label, str]] = {}
        self._of_palettes: set[int] = set()
        self._odd_palettes: list[str] = []
        self._restored = self._rounded = self._inexact = 0
        self._images = self._bordered = 0
        self._around: Counter[Label] = Counter()

    def read(self, file: Path, like: tuple[int, int]) -> Marked:
        """A mask file HW, of the size `like`.

        Raises:
            QuantUNetError: it is unreadable, of another size, or cannot be read as the configuration says.
        """
        return self._marked(read_mask_file(file, like), file)

    def of_volume(self, values: NDArray[np.float32], file: Path) -> Marked:
        """The values of a volume, of any shape.

        Raises:
            QuantUNetError: they are no numbers.
        """
        return self._marked(mask_of_numbers(values, file), file)

    def saw(self, target: NDArray[np.bool_]) -> None:
        """Take note of the mask HW of one image, to notice target and background exchanged."""
        self._images += bool(target.any())
        self._bordered += bool(_border(target).mean() >= _BORDER)

    def _marked(self, mask: MaskPicture, file: Path) -> Marked:
        settings = self._settings
        self._count(mask, file)
        if mask.is_inexact_jpeg and settings.threshold is None and (settings.labels is not None or settings.ignore):
            raise QuantUNetError(
                "is a JPEG mask whose values are not only black and white, and JPEG changes values",
                str(file),
                "Write masks as PNG, or use data.threshold in place of data.labels and data.ignore.",
            )
        ignored = mask.holds(settings.ignore) if settings.ignore else None
        if settings.threshold is not None:
            if mask.levels is None:
                kind = "colours" if mask.is_coloured else "a palette"
                raise QuantUNetError(
                    f"is a mask with {kind}, which a threshold does not suit", str(file), "Use data.labels."
                )
            target = np.asarray(mask.levels >= settings.threshold)
        elif isinstance(settings.labels, tuple):
            target = mask.holds(settings.labels)
        else:
            target = ~mask.holds((0, TRANSPARENT))
        return (target, None) if ignored is None else (target & ~ignored, ignored)

    def _count(self, mask: MaskPicture, file: Path) -> None:
        self._masks += 1
        self._restored += mask.was_restored
        self._rounded += mask.was_rounded
        self._inexact += mask.is_inexact_jpeg
        counts = mask.counts()
        if len(self._pixels) + len(counts) > _MOST_VALUES:
            known = {label: number for label, number in counts.items() if label in self._pixels}
            self._uncounted |= len(known) < len(counts)
            room = _MOST_VALUES - len(self._pixels)
            counts = known | dict([item for item in counts.items() if item[0] not in known][:room])
        self._pixels.update(counts)
        self._holding.update(counts.keys())
        if mask.values.ndim == 2:
            around = MaskPicture(_border(mask.values), mask.is_coloured).counts()
            most = max(around, key=lambda label: around[label])
            self._around[most] += around[most] >= _BORDER * sum(around.values())
        for index, colour in mask.palette.items():
            known_colour, first = self._indices.setdefault(index, (colour, file.name))
            self._of_palettes.add(index)
            if known_colour != colour:
                self._odd_palettes.append(
                    f"index {index} is {_colour(known_colour)} in {first} and {_colour(colour)} in {file.name}"
                )
        background, marked = mask.palette.get(0), mask.palette.get(1)
        if marked == 0 or (isinstance(background, int) and isinstance(marked, int) and marked < background):
            self._odd_palettes.append(
                f"in {file.name} index 1 is {_colour(marked)}, darker than index 0, {_colour(background)}"
            )

    def check(self) -> None:
        """To be called once all masks are read.

        Raises:
            QuantUNetError: which values are the target is not known. All values are told with their counts.
        """
        settings = self._settings
        if settings.labels is not None or settings.threshold is not None:
            return
        values = {label for label in self._pixels if label not in settings.ignore}
        marks = values - {0}
        if len(marks) > 1 or (marks and next(iter(marks)) not in _USUAL) or self._uncounted:
            raise QuantUNetError(f"the masks hold {self._told()}, and it is not said which are the target",
                                 str(self._where), self._fix(marks))  # fmt: skip
        if 255 in self._of_palettes & marks:
            raise QuantUNetError(
                f"the masks hold {self._told()}, and index 255 of a palette may be the target or a border that nobody "
                "labelled", str(self._where), self._fix(marks),
            )  # fmt: skip
        if self._odd_palettes and marks:
            raise QuantUNetError(
                f"the palettes of the masks leave open what is the target: {listed(self._odd_palettes, 1)}",
                str(self._where),
                self._fix(marks) if self._is_configurable else "Restore the masks from the archive.",
            )

    def _told(self) -> str:
        total = sum(self._pixels.values())
        by_value = sorted(self._pixels, key=_order)
        shown = by_value if len(by_value) <= _SHOWN else sorted(by_value, key=lambda v: -self._pixels[v])[:_SHOWN]
        texts = [
            f"{label} ({self._pixels[label]:,} {self._unit}, {self._pixels[label] / total:.2%}, in "
            f"{self._holding[label]} of {self._masks} masks)"
            for label in shown
        ]
        more = len(by_value) - len(shown)
        number = f"more than {len(by_value):,}" if self._uncounted else f"{len(by_value):,}"
        noun = "value" if len(by_value) == 1 else "values"
        return f"{number} {noun}: {', '.join(texts)}" + (f" and {more:,} more" if more else "")

    def _fix(self, marks: set[Label]) -> str:
        if not self._is_configurable:
            return "The masks of this data set are black and white: restore them from the archive."
        known = sorted(marks - {TRANSPARENT}, key=_order)
        numbers = [label for label in known if isinstance(label, int)]
        if len(numbers) < len(known) and (self._inexact or len(known) > _SHOWN):
            return (
                "JPEG and soft edges change colours: write the masks as PNG with one colour for each class, and name those "
                "of the target in data.labels (--labels)."
            )
        if self._inexact or len(numbers) > _SHOWN:
            return (
                "Soft edges or JPEG: data.threshold: 128 (--threshold 128) takes all from there on. Numbered objects: "
                "data.labels: nonzero (--labels nonzero). Else name the values that are the target in data.labels."
            )
        around = self._surrounding()
        if around is None:
            example, hint = known[: 2 if len(known) > 2 else 1] or [255], ", or nonzero"
        else:
            example, hint = [label for label in sorted(self._pixels, key=_order) if label != around] or [255], ""
        option = shlex.quote(",".join(str(label) for label in example))
        return (
            (f"{around} surrounds all else, as background does. " if hint == "" else "")
            + f"Name those of the target, such as data.labels: {json.dumps(example)} (--labels {option}){hint}; all others "
            "are background. data.ignore (--ignore) names values of pixels that nobody labelled, such as borders of 255."
        )

    def _surrounding(self) -> Label | None:
        """The value, other than 0, that lies along the border of most masks."""
        if not self._around:
            return None
        ((label, number),) = self._around.most_common(1)
        return label if label != 0 and number > self._masks / 2 else None

    def values_found(self) -> str:
        """For the message that no mask marks anything."""
        wanted = self._settings.labels
        chosen = "" if wanted is None else f", data.labels are {list(wanted) if isinstance(wanted, tuple) else wanted}"
        if self._settings.threshold is not None:
            chosen = f", data.threshold is {self._settings.threshold:g}"
        ignored = f", data.ignore is {list(self._settings.ignore)}" if self._settings.ignore else ""
        values = [str(label) for label in sorted(self._pixels, key=_order)]
        return f" (values in the masks: {listed(values, 12)}{chosen}{ignored})"

    def notes(self) -> list[str]:
        """What the summary of the data set is to say of its masks, in sentences."""
        settings = self._settings
        said = []
        if settings.labels is not None or settings.threshold is not None or settings.ignore:
            said.append(f"the masks hold {self._told()}; {self._chosen()}")
        named = (*(settings.labels if isinstance(settings.labels, tuple) else ()), *settings.ignore)
        absent = [str(label) for label in named if label not in self._pixels and not self._uncounted]
        if absent:
            said.append(f"no mask holds {listed(absent)}, which the configuration names")
        if self._odd_palettes:
            said.append(f"masks count by index, whatever the palette says, and {listed(self._odd_palettes, 1)}")
        if self._restored:
            said.append(f"{self._restored} masks are JPEG, whose values were taken as 0 and 255, whichever is nearer")
        if self._rounded and settings.threshold is None:
            said.append(f"{self._rounded} masks hold fractions, which were rounded")
        if self._images and self._bordered > self._images / 2:
            said.append(
                f"the target covers the border of {self._bordered} of {self._images} images all round: look whether target "
                "and background are exchanged (qu-data --pictures); data.labels: [0] takes what is 0"
            )
        return said

    def _chosen(self) -> str:
        settings = self._settings
        ignored = f", {listed([str(label) for label in settings.ignore])} left out" if settings.ignore else ""
        if settings.threshold is not None:
            return f"from {settings.threshold:g} on they are the target{ignored}"
        if isinstance(settings.labels, tuple):
            return f"the target is {listed([str(label) for label in settings.labels], 12)}{ignored}"
        return f"all but 0 is the target{ignored}"


def _border(pixels: NDArray[Any]) -> NDArray[Any]:
    """Those along the border of HW."""
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def _order(label: Label) -> tuple[bool, int, str]:
    return (True, 0, label) if isinstance(label, str) else (False, label, "")


def _colour(label: Label | None) -> str:
    return f"#{label:02x}{label:02x}{label:02x}" if isinstance(label, int) else str(label)
