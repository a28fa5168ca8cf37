# SPDX-License-Identifier: BSD-3-Clause
"""Shells: what stands around the accelerator on a device, one per family, as plain RTL.

A shell brings clock and reset, the way to the host, and the registers by which the host knows which build it talks to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw_flows.accelerator import Accelerator, Stream
from hw_flows.errors import UserError


@dataclass(frozen=True)
class Shell:
    """A written shell. Its files lie beside each other; the accelerator's own are not among them."""

    top: str
    """Name of the top module, which instantiates `quantunet_accel`."""
    sources: tuple[Path, ...]
    """SystemVerilog in compile order, the top module last."""
    constraints: Path
    """Pins and clocks in the language of the place-and-route tool."""
    clock_mhz: float
    """Clock of the accelerator, as near below the wanted one as the device can make it."""
    primitives: tuple[str, ...]
    """Primitives of the device that `sources` declare, for tools that have no library of them."""
    link: dict[str, Any]
    """How the host reaches it: the `link` of `deploy/accelerator.json`."""


def build_identity(accelerator: Accelerator, rtl: Path, shell: str) -> str:
    """Which accelerator in which shell, as 16 hexadecimal digits: a hash of every source and memory image.

    `shell`: all that decides on the shell, in any form. Two builds with the same identity compute the same.
    """
    digest = hashlib.sha256(shell.encode())
    memories = [memory for instance in accelerator.instances for memory in instance.memories]
    for name in [*accelerator.sources, *memories]:
        digest.update(f"\0{name}\0".encode())
        digest.update((rtl / name).read_bytes())
    return digest.hexdigest()[:16]


def only_streams(accelerator: Accelerator) -> tuple[Stream, Stream]:
    """The accelerator's input and output. Raises UserError where it has several."""
    if len(accelerator.inputs) != 1 or len(accelerator.outputs) != 1:
        raise UserError(
            f"the accelerator has {len(accelerator.inputs)} inputs and {len(accelerator.outputs)} outputs, a board's "
            "shell takes one of each", accelerator.name, "use --flow none",
        )  # fmt: skip
    return accelerator.stream(accelerator.inputs[0]), accelerator.stream(accelerator.outputs[0])
