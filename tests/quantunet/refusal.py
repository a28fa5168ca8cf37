# SPDX-License-Identifier: BSD-3-Clause
"""What a user is told, in the form in which the commands of the training print it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from quantunet_common.errors import UserError


@contextmanager
def refused(said: str) -> Iterator[pytest.ExceptionInfo[UserError]]:
    """The block raises a UserError whose message, place first, matches the pattern `said`."""
    with pytest.raises(UserError) as caught:
        yield caught
    assert re.search(said, caught.value.place_first), f"{said!r} is not said: {caught.value.place_first}"
