# SPDX-License-Identifier: BSD-3-Clause
"""The one error for what a user can cause, and its kind for checks that fail; all else is a bug with a traceback."""

from quantunet_common.errors import UserError

__all__ = ["CheckFailed", "UserError"]


class CheckFailed(UserError):
    """A check of the design failed: the build goes on to its report and ends with exit status 1."""
