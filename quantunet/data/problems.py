# SPDX-License-Identifier: BSD-3-Clause
"""What is wrong with a data set, gathered, so that a user learns of all of it at once."""

from __future__ import annotations

from pathlib import Path

from quantunet_common.errors import UserError

_SHOWN = 3


class Problems:
    """Errors by kind. One is raised as it is, several as one message that says how many there are of each."""

    def __init__(self) -> None:
        self._found: dict[str, list[UserError]] = {}

    def add(self, kind: str, error: UserError) -> None:
        """`kind` in the plural: ``"images without a mask"``."""
        self._found.setdefault(kind, []).append(error)

    def check(self, where: Path) -> None:
        """Nothing, if there are none.

        Raises:
            UserError: what was gathered.
        """
        every = [error for errors in self._found.values() for error in errors]
        if not every:
            return
        if len(every) == 1:
            raise every[0]
        lines = [f"{len(errors)} {kind}: {_some(errors, where)}" for kind, errors in self._found.items()]
        fixes = list(dict.fromkeys(errors[0].fix for errors in self._found.values()))
        raise UserError("; ".join(lines), str(where), " ".join(fixes))


def several(count: int, noun: str) -> str:
    """``"1 mask"``, ``"12 masks"``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def listed(names: list[str], shown: int = _SHOWN) -> str:
    """The first few of `names` and how many more there are."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def _some(errors: list[UserError], where: Path) -> str:
    def short(error: UserError) -> str:
        place = error.where.removeprefix(str(where)).lstrip("/")
        return f"{place}: {error.what}" if place else error.what

    return listed([short(error) for error in errors])
