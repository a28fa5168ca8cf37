# SPDX-License-Identifier: BSD-3-Clause
"""Progress of the running step: steps say a fraction and a few words, whoever runs the build shows them."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

Progress = Callable[[float, str], None]

_listener: ContextVar[Progress | None] = ContextVar("progress", default=None)


def listen(listener: Progress | None) -> None:
    """Send progress of the steps that run from here on to `listener`."""
    _listener.set(listener)


def step_progress() -> Progress:
    """How a step reports; silent where nobody listens, as in FINN's own builder."""
    return _listener.get() or (lambda fraction, words: None)
