"""What a memory costs on a 7-series device, and when block memory pays.

Sources: UG474 (7 Series CLB: RAM32M is 32 x 6, RAM64M 64 x 3 bits in four LUTs, a LUT6 is a ROM of 64 x 1) and
UG473 (7 Series memory resources, aspect ratios of RAMB18 and RAMB36 in simple dual-port mode).
"""

from __future__ import annotations

from math import ceil

#: LUTs for which one RAMB18 is worth spending: the ratio of the two on an XC7Z020 (53,200 : 280) is 190; the smaller
#: figure accounts for LUT memories costing no clock-to-output time and for U-Nets needing block RAM in FIFOs.
LUTS_PER_RAMB18 = 128

_RAMB18_SHAPES = ((16384, 1), (8192, 2), (4096, 4), (2048, 9), (1024, 18), (512, 36))
_RAMB36_SHAPES = ((32768, 1), (16384, 2), (8192, 4), (4096, 9), (2048, 18), (1024, 36), (512, 72))


def ramb18(depth: int, width: int) -> int:
    """RAMB18 (a RAMB36 counts as two) of a memory with one write and one registered read port."""
    small = min(ceil(depth / d) * ceil(width / w) for d, w in _RAMB18_SHAPES)
    large = min(2 * ceil(depth / d) * ceil(width / w) for d, w in _RAMB36_SHAPES)
    return min(small, large)


def ram_luts(depth: int, width: int) -> int:
    """LUTs of a memory with one write and one asynchronous read port, address decoding between banks included."""
    if depth <= 32:
        return 4 * ceil(width / 6)
    banks = ceil(depth / 64)
    select = 0 if banks == 1 else ceil(banks / 4) * width + banks
    return banks * 4 * ceil(width / 3) + select


def rom_luts(depth: int, width: int) -> int:
    """LUTs of a read-only memory of arbitrary contents (the wide multiplexers F7 and F8 select among four LUTs).

    Up to 32 words two bits may share a LUT; Yosys and so this count them as two.
    """
    if depth <= 1:
        return 0
    banks = ceil(depth / 64)
    return width * (banks + (ceil(banks / 4) // 2 if banks > 4 else 0))


def prefers_block(luts: int, blocks: int) -> bool:
    """Whether a memory of `luts` LUTs is better kept in `blocks` RAMB18."""
    return luts > LUTS_PER_RAMB18 * blocks
