# SPDX-License-Identifier: BSD-3-Clause
"""The one error for what a user can cause, and its kind for checks that fail; all else is a bug with a traceback."""


class UserError(Exception):
    """Unusable input or environment: ends a command with exit status 2 and one clear message.

    `what` is wrong, `where` it was found (file, node, key; may be empty), and `fix`: what to do (may be empty).
    """

    def __init__(self, what: str, where: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.fix = fix
        message = what
        if where:
            message += f"\n  where: {where}"
        if fix:
            message += f"\n  to do: {fix}"
        super().__init__(message)


class CheckFailed(UserError):
    """A check of the design failed: the build goes on to its report and ends with exit status 1."""
