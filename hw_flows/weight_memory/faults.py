# SPDX-License-Identifier: BSD-3-Clause
"""What the reader's `status_o` says of weights that were not as they should be."""

from __future__ import annotations

from hw_flows.weight_memory.image import Layout

_FIRST_BIT, _NUMBER_BIT = 4, 16
#: By bit of the status, from `_FIRST_BIT` on.
FAULTS = (
    "the memory answered with an error",
    "other weights lie in their place",
    "their check sum is wrong",
    "the memory ended a burst at a wrong word",
)


def fault_of(status: int, layout: Layout) -> str | None:
    """What went wrong first, and in which layer's weights; None where nothing did."""
    found = [text for bit, text in enumerate(FAULTS) if status >> _FIRST_BIT + bit & 1]
    if not found:
        return None
    number = status >> _NUMBER_BIT
    known = number < len(layout.regions)
    layer = f"layer {layout.regions[number].name}" if known else f"a layer that is not there, number {number}"
    return f"the weights of {layer} in memory cannot be used: {', '.join(found)}"
