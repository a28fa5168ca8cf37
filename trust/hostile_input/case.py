# SPDX-License-Identifier: BSD-3-Clause
"""One bad input, where it is tried, and what may come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

#: Memory that a case may take beyond what the programs need to start, in bytes.
MEMORY_BOUND = 2 * 2**30
#: Address space beyond that of the started programs: more is refused by the system, so that a case cannot take the machine.
ADDRESS_BOUND = 6 * 2**30
#: Processor time of a case, in seconds; what needs more is taken for a loop without end.
CPU_SECONDS = 120
#: Time on the wall of a case, in seconds, whatever it does.
WALL_SECONDS = 600
#: Time on the wall, in seconds, in which a sleeping command does nothing before it is taken for waiting without end.
IDLE_SECONDS = 15


@dataclass(frozen=True)
class BadInput:
    """A bad input and the command that gets it.

    `write` fills an empty folder; the command runs in the folder above and finds the input at `in/`.
    """

    kind: str
    name: str
    program: str
    """An installed command."""
    arguments: tuple[str, ...]
    write: Callable[[Path], None]
    wall_seconds: float = WALL_SECONDS
    attacked: str = ""
    """The option or argument through which the bad input comes, such as `--onnx` or `CHECKPOINT`."""


class InputVerdict(Enum):
    """What came of a case, the worst first."""

    EXECUTED = "executed"
    """Something in the input ran, or a program was started that the input has no say in."""
    ESCAPED = "escaped"
    """A file outside of the output and temporary folders was touched, or one of them holds what only lies outside."""
    MEMORY = "memory"
    HANG = "hang"
    TRACEBACK = "traceback"
    """A traceback, a crash or an exit status that is none."""
    GARBLED = "garbled"
    """No message, or one that could steer a terminal."""
    REFUSED = "refused"
    """Exit status 1 or 2 and a clear message."""
    ACCEPTED = "accepted"

    @property
    def good(self) -> bool:
        return self in (InputVerdict.REFUSED, InputVerdict.ACCEPTED)


@dataclass(frozen=True)
class InputResult:
    """How a case went. `memory` is the peak beyond the started programs in bytes, `seconds` processor time."""

    case: BadInput
    verdict: InputVerdict
    why: str
    """The message of a refusal, or what was bad."""
    memory: int
    seconds: float
