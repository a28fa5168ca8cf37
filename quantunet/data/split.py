# SPDX-License-Identifier: BSD-3-Clause
"""Which case is for training, which for validation, which for the test."""

from __future__ import annotations

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from quantunet.data_config import CaseSplit
from quantunet_common.errors import UserError

Part = Literal["train", "validation", "test"]


def split_cases(classes: Mapping[str, str], settings: CaseSplit) -> dict[str, Part]:
    """Case -> part, for cases that are given with their classes (one class where there are none).

    The cases of each class are put in the order of a hash of their names, or of the numbers in them (``blocks``).
    The first are for validation, the last for the test, so that validation stays as it is when a test part is asked
    for. With folds, the cases that are not for the test are dealt out in turn, or in blocks. Cases that lie in the gap
    between two blocks have no part.

    Raises:
        UserError: there are fewer cases than parts, or than folds.
    """
    parts: dict[str, Part] = {}
    dealt = 0
    for name in sorted(set(classes.values())):
        ordered = _ordered([case for case in classes if classes[case] == name], settings)
        count = len(ordered)
        test = min(round(count * settings.test_fraction), count)
        rest = ordered[: count - test]
        parts.update(dict.fromkeys(ordered[count - test :], "test"))
        if settings.folds is not None:
            for index, case in enumerate(rest, dealt):
                in_blocks = (index - dealt) * settings.folds // len(rest)
                fold = in_blocks if settings.split == "blocks" else index % settings.folds
                parts[case] = "validation" if fold == settings.fold else "train"
            dealt += len(rest)
            continue
        validation = round(count * settings.validation_fraction)
        parts.update(dict.fromkeys(rest[:validation], "validation"))
        parts.update(dict.fromkeys(rest[validation:], "train"))
    _fill_empty_parts(parts, classes, settings)
    if settings.block_gap:
        for name in sorted(set(classes.values())):
            _leave_gaps(_ordered([case for case in classes if classes[case] == name], settings), parts, settings)
    return parts


def _ordered(cases: list[str], settings: CaseSplit) -> list[str]:
    if settings.split == "hash":
        return sorted(cases, key=functools.partial(_hash, settings=settings))
    ordered = sorted(cases, key=numbers_of)
    if settings.split_seed and ordered:
        # Then the first number follows the last, who are hardly of one person.
        first = int.from_bytes(_hash("blocks", settings)[:8], "big") % len(ordered)
        ordered = ordered[first:] + ordered[:first]
    return ordered


def numbers_of(name: str) -> tuple[tuple[bool, int, str], ...]:
    """A key that sorts names by the numbers in them: ``case9`` before ``case10``."""
    pieces = re.split(r"([0-9]+)", name)
    return tuple((piece.isdigit(), int(piece) if piece.isdigit() else 0, piece) for piece in pieces)


def _leave_gaps(ordered: list[str], parts: dict[str, Part], settings: CaseSplit) -> None:
    """Take away the training cases within `block_gap` of a case of another part, and, where validation borders on the
    test, validation cases.
    """
    before = [parts[case] for case in ordered]
    ends = [before[:0]] * 2
    if settings.split_seed:  # the blocks begin in the middle of the numbers: the last case neighbours the first
        ends = [before[-settings.block_gap :], before[: settings.block_gap]]
    around = [*ends[0], *before, *ends[1]]
    for index, case in enumerate(ordered):
        at = index + len(ends[0])
        near = around[max(0, at - settings.block_gap) : at + settings.block_gap + 1]
        if (before[index] == "train" and set(near) != {"train"}) or (before[index] == "validation" and "test" in near):
            del parts[case]
    for part in dict.fromkeys(before):
        if part not in parts.values():
            raise UserError(
                f"a gap of {settings.block_gap} leaves no case for the {part} part",
                str(settings.path),
                "Use a smaller block_gap, or other fractions.",
            )


def _fill_empty_parts(parts: dict[str, Part], classes: Mapping[str, str], settings: CaseSplit) -> None:
    """Fractions of few cases may round to none: move one case, of the training if it can spare one."""
    wanted: list[Part] = ["validation", "train"]
    if settings.test_fraction:
        wanted.append("test")
    order: Any = numbers_of if settings.split == "blocks" else functools.partial(_hash, settings=settings)
    least = max(len(wanted), (settings.folds or 0) + (settings.test_fraction > 0))
    if len(parts) < least:
        raise UserError(
            f"{len(parts)} group(s) (patients, cases or pairs) cannot be split into "
            + (f"{settings.folds} folds" if settings.folds else " and ".join(wanted)),
            str(settings.path),
            "Add pairs, or change group_separator or the fractions of the parts.",
        )
    for part in wanted:
        if part in parts.values():
            continue
        sizes = Counter(parts.values())
        donor: Part = "train" if sizes["train"] > 1 else sizes.most_common(1)[0][0]
        giving = Counter(classes[case] for case in parts if parts[case] == donor).most_common(1)[0][0]
        cases = sorted((case for case in parts if parts[case] == donor and classes[case] == giving), key=order)
        parts[cases[0] if part == "validation" else cases[-1]] = part


def _hash(case: str, settings: CaseSplit) -> bytes:
    text = f"{settings.split_seed}:{case}" if settings.split_seed else case
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()  # names of files may be any bytes


def group_of(name: str, separator: str | None) -> str:
    """`name` up to the last `separator`, or all of it."""
    return name.rpartition(separator)[0] or name if separator else name
