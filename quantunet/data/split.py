# SPDX-License-Identifier: BSD-3-Clause
"""Which case is for training, which for validation, which for the test."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Literal

from quantunet.data_config import CaseSplit
from quantunet_common.errors import UserError

Part = Literal["train", "validation", "test"]


def split_cases(classes: Mapping[str, str], settings: CaseSplit) -> dict[str, Part]:
    """Case -> part, for cases that are given with their classes (one class where there are none).

    The cases of each class are put in the order of a hash of their names. The first are for validation, the
    last for the test, so that validation stays as it is when a test part is asked for. With folds, the cases
    that are not for the test are dealt out in turn.

    Raises:
        UserError: there are fewer cases than parts, or than folds.
    """
    parts: dict[str, Part] = {}
    dealt = 0
    for name in sorted(set(classes.values())):
        ordered = sorted(
            (case for case in classes if classes[case] == name), key=functools.partial(_hash, settings=settings)
        )
        count = len(ordered)
        test = min(round(count * settings.test_fraction), count)
        rest = ordered[: count - test]
        parts.update(dict.fromkeys(ordered[count - test :], "test"))
        if settings.folds is not None:
            for index, case in enumerate(rest, dealt):
                parts[case] = "validation" if index % settings.folds == settings.fold else "train"
            dealt += len(rest)
            continue
        validation = round(count * settings.validation_fraction)
        parts.update(dict.fromkeys(rest[:validation], "validation"))
        parts.update(dict.fromkeys(rest[validation:], "train"))
    _fill_empty_parts(parts, classes, settings)
    return parts


def _fill_empty_parts(parts: dict[str, Part], classes: Mapping[str, str], settings: CaseSplit) -> None:
    """Fractions of few cases may round to none: move one case, of the training if it can spare one."""
    wanted: list[Part] = ["validation", "train"]
    if settings.test_fraction:
        wanted.append("test")
    order = functools.partial(_hash, settings=settings)
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
