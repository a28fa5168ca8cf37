# SPDX-License-Identifier: BSD-3-Clause
"""The one error type for what a user can cause."""

from __future__ import annotations


class QuantUNetError(Exception):
    """Unusable input: says what is wrong, where it was found and what to do about it.

    ``str()`` of it is one message fit for a terminal; the command line prints it and exits with status 2.
    """

    def __init__(self, what: str, where: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(what, where, fix)

    def __str__(self) -> str:
        message = f"{self.where}: {self.what}" if self.where else self.what
        return f"{message}\n  {self.fix}" if self.fix else message
