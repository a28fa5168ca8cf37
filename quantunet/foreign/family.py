# SPDX-License-Identifier: BSD-3-Clause
"""Families of networks whose weights a training can start from, each a table in `families/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from quantunet.settings import Settings

_FOLDER = Path(__file__).with_name("families")


class Family(Settings):
    """One project's U-Net: which of its layers is which of ours.

    Names hold `{level}` (0 is the finest), `{number}` (level + 1), `{depth}` (number of poolings) and `{from_bottom}`
    (depth - level: 1 for the coarsest decoder). A name without `{level}` on our side goes before one with it.
    """

    name: str
    recognized_by: tuple[str, ...]
    """Names of weights that together are in no other family's file."""
    levels: str
    """A name with `{number}`: as many are there, from 1 on, as the network has poolings."""
    joined: Literal["up_first", "skip_first"]
    """Order of the channels that the first convolution of a decoder level reads; ours is ``up_first``."""
    convolutions: dict[str, str]
    """Our convolution -> theirs, both without `.weight`."""
    norms: dict[str, str]
    """Our batch normalization -> theirs. Those upwards, `up.{level}.norm`, are in none of these networks."""
    no_weights: tuple[str, ...] = ()
    """Entries that their files hold beside the weights."""
    interpolates_without: str | None = None
    """A file without this weight is of the variant that interpolates on the way up: another decoder and another bottom,
    so that only the encoder is ours."""
    two_classes_are_one_mask: bool = False
    """Of two classes the larger logit wins, so that their difference is the logit of one mask."""
    notes: tuple[str, ...] = ()
    """What else is different, for the one who starts from it."""

    def ours_and_theirs(self, depth: int) -> dict[str, str]:
        """All convolutions and normalizations of a network with `depth` poolings: our name -> theirs."""
        rows = {**self.convolutions, **self.norms}
        found = {}
        for ours, theirs in sorted(rows.items(), key=lambda row: "{level}" not in row[0]):
            for level in range(depth) if "{level}" in ours else (0,):
                place = {"level": level, "number": level + 1, "depth": depth, "from_bottom": depth - level}
                found[ours.format(**place)] = theirs.format(**place)
        return found


@cache
def families() -> tuple[Family, ...]:
    """All of them, by the names of their files."""
    return tuple(
        Family.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in sorted(_FOLDER.glob("*.yaml"))
    )
