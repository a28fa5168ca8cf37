# SPDX-License-Identifier: BSD-3-Clause
"""The one error for what goes wrong between host and board."""


class BoardError(Exception):
    """What is wrong, and what to do about it; may be empty."""

    def __init__(self, what: str, fix: str = "") -> None:
        self.what = what
        self.fix = fix
        super().__init__(what + (f"\n  to do: {fix}" if fix else ""))
