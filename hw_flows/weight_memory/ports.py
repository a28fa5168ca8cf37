# SPDX-License-Identifier: BSD-3-Clause
"""Which port reads which layers' weights."""

from __future__ import annotations

from collections.abc import Sequence

from hw_flows.machine.errors import UserError
from hw_flows.weight_memory.image import Region

MOST_PORTS = 4


def share(regions: Sequence[Region], ports: int) -> tuple[tuple[Region, ...], ...]:
    """The regions of each port, so that all ports read about as much: the largest first, each to whoever has least.

    In each port they are in the order of the image. Raises UserError where there are more ports than regions.
    """
    if not 1 <= ports <= min(MOST_PORTS, len(regions)):
        raise UserError(
            f"{ports} ports cannot share the weights of {len(regions)} layers",
            "weights in memory",
            f"choose 1 to {min(MOST_PORTS, len(regions))} ports",
        )
    shares: list[list[Region]] = [[] for _ in range(ports)]
    for region in sorted(regions, key=lambda region: (-region.frame_bytes, region.number)):
        least = min(shares, key=lambda port: sum(r.frame_bytes for r in port))
        least.append(region)
    return tuple(tuple(sorted(port, key=lambda region: region.number)) for port in shares)
