# SPDX-License-Identifier: BSD-3-Clause
"""The one error for what a user can cause; all else is a bug with a traceback."""

from __future__ import annotations


class UserError(Exception):
    """Unusable input or environment: ends a command with exit status 2 and one clear message.

    `what` is wrong, `where` it was found (file, node, key; may be empty), and `fix`: what to do (may be empty).
    ``str()`` of it has a line for each; `place_first` is the shorter form. Which of them a command prints is said once,
    by its `quantunet_common.command.Ending`.
    """

    def __init__(self, what: str, where: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(what, where, fix)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.fix:
            lines.append(f"  to do: {self.fix}")
        return "\n".join(lines)

    @property
    def headline(self) -> str:
        """Place and complaint in one line, without what to do."""
        return f"{self.where}: {self.what}" if self.where else self.what

    @property
    def place_first(self) -> str:
        """The headline, and what to do in a second line."""
        return f"{self.headline}\n  {self.fix}" if self.fix else self.headline
