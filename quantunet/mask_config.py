# SPDX-License-Identifier: BSD-3-Clause
"""The settings that say which values of the masks are the target, the same for pictures and volumes."""

from __future__ import annotations

import re
import reprlib
from collections import Counter
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from quantunet.settings import Settings

Label = int | str
"""A value of a mask: a grey value or the index of a palette as a number, a colour as ``"#ff0000"``, with the opacity as
``"#ff000080"`` where it is not opaque."""

#: A list may hold itself, or more than memory holds.
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxlist = 2, 4
TRANSPARENT = "#00000000"
_COLOUR = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)


def label_of(value: Any) -> Label:
    """A label as written in a configuration, in the one form that it has here: black, white and greys are numbers.

    Raises:
        ValueError: it is neither a number nor a colour.
    """
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value.strip()):
        return int(value)
    if isinstance(value, str) and _COLOUR.fullmatch(value.strip()):
        channels = [int(value.strip()[at : at + 2], 16) for at in range(1, len(value.strip()), 2)]
        return colour_label(*channels)
    if isinstance(value, (list, tuple)) and len(value) in (3, 4):
        if all(type(channel) is int and 0 <= channel <= 255 for channel in value):
            return colour_label(*value)
    elif type(value) is int or (isinstance(value, float) and value.is_integer()):
        return int(value)
    raise ValueError(
        f'{_SHORT.repr(value)} is no value of a mask; write a number such as 128, or a colour such as "#ff0000"'
    )


def colour_label(red: int, green: int, blue: int, opacity: int = 255) -> Label:
    """The label of a colour, each part 0..255. What is fully transparent has no colour."""
    if opacity == 0:
        return TRANSPARENT
    if opacity < 255:
        return f"#{red:02x}{green:02x}{blue:02x}{opacity:02x}"
    return red if red == green == blue else f"#{red:02x}{green:02x}{blue:02x}"


def _labels(value: Any) -> Any:
    if value is None or value == "nonzero":
        return value
    several = value if isinstance(value, (list, tuple)) else [value]
    labels = tuple(label_of(item) for item in several)
    label, times = max(Counter(labels).items(), key=lambda item: item[1], default=(0, 0))
    if times > 1:
        hint = "; red as a colour is [[255, 0, 0]]" if len(labels) in (3, 4) else ""
        raise ValueError(f"{label} is named twice{hint}")
    return labels


class MaskValues(Settings):
    """Which values of the masks are the target. Without any of these the masks may hold 0 and 255, or 0 and 1."""

    labels: Annotated[tuple[Label, ...] | Literal["nonzero"] | None, BeforeValidator(_labels)] = None
    """The values that are the target, all others are background: ``[128]``, ``[1, 2]``, ``["#ff0000"]``; ``nonzero``: all
    but 0 (and but what is transparent). Values of volumes are rounded; palettes count by index."""
    ignore: Annotated[tuple[Label, ...], BeforeValidator(_labels)] = ()
    """Values of pixels that nobody labelled, such as ``[255]`` for the borders of Pascal VOC: neither target nor
    background, left out of the loss and of all scores."""
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    """For masks with soft edges, JPEG or probabilities: values of at least this are the target (``128``, ``0.5``)."""

    @model_validator(mode="after")
    def _values_have_one_meaning(self) -> MaskValues:
        if self.labels is not None and self.threshold is not None:
            raise ValueError("labels and threshold exclude each other; give one of them")
        if self.labels == ():
            raise ValueError("labels names no value; leave it out, or name those of the target")
        if isinstance(self.labels, tuple) and set(self.labels) & set(self.ignore):
            raise ValueError(
                f"{next(label for label in self.labels if label in self.ignore)} is in labels and in ignore"
            )
        return self
