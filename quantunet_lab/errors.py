# SPDX-License-Identifier: BSD-3-Clause
"""One kind of error for the commands of this package, whichever house it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hw_flows.machine.errors import UserError
from quantunet.errors import QuantUNetError


@contextmanager
def user_errors(where: str | None = None) -> Iterator[None]:
    """A UserError of the hardware flow becomes a QuantUNetError; `where` replaces its place."""
    try:
        yield
    except UserError as error:
        raise QuantUNetError(error.what, error.where if where is None else where, error.fix) from error
