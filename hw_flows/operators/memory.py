# SPDX-License-Identifier: BSD-3-Clause
"""What a memory costs on a 7-series device, and when block memory pays.

Sources: UG474 (7 Series CLB: RAM32M is 32 x 6, RAM64M 64 x 3 bits in four LUTs, a LUT6 is a ROM of 64 x 1) and
UG473 (7 Series memory resources, aspect ratios of RAMB18 and RAMB36 in simple dual-port mode).
"""

from __future__ import annotations

from functools import cache
from math import ceil

#: LUTs for which one RAMB18 is worth spending: the ratio of the two on an XC7Z020 (53,200 : 280) is 190; the smaller
#: figure accounts for LUT memories costing no clock-to-output time and for U-Nets needing block RAM in FIFOs.
LUTS_PER_RAMB18 = 128

#: (RAMB18, words, bits) of every shape of a RAMB18 and of a RAMB36.
_SHAPES = (
    *((1, *shape) for shape in ((16384, 1), (8192, 2), (4096, 4), (2048, 9), (1024, 18), (512, 36))),
    *((2, *shape) for shape in ((32768, 1), (16384, 2), (8192, 4), (4096, 9), (2048, 18), (1024, 36), (512, 72))),
)


@cache
def ramb18(depth: int, width: int) -> int:
    """RAMB18 (a RAMB36 counts as two) of a memory with one write and one registered read port."""
    return min(pieces * ceil(depth / d) * ceil(width / w) for pieces, d, w in _SHAPES)


def rom_ramb18(depth: int, width: int) -> int:
    """RAMB18 of a read-only memory with a registered read port: banks of addresses may share a block's width."""
    return _rom_shape(depth, width)[0]


def rom_block_luts(depth: int, width: int) -> int:
    """LUTs that select among the banks of a read-only memory in block memory."""
    return width * multiplexer_luts(_rom_shape(depth, width)[1])


@cache
def block_luts(depth: int, width: int) -> int:
    """LUTs that select among the banks of a memory with a write port in block memory."""
    shapes = [(pieces * ceil(depth / d) * ceil(width / w), ceil(depth / d)) for pieces, d, w in _SHAPES]
    return width * multiplexer_luts(min(shapes)[1])


@cache
def _rom_shape(depth: int, width: int) -> tuple[int, int]:
    """(RAMB18, banks of addresses): the fewest blocks, and among those the fewest banks."""
    return min((pieces * ceil(width * ceil(depth / d) / w), ceil(depth / d)) for pieces, d, w in _SHAPES)


def ram_luts(depth: int, width: int) -> int:
    """LUTs used as memory, of a memory with one write and one asynchronous read port."""
    return _ram_shape(depth, width)[0]


def bank_luts(depth: int, width: int) -> int:
    """LUTs that select among the banks of such a memory, for writing and reading."""
    banks = _ram_shape(depth, width)[1]
    return banks + width * multiplexer_luts(banks) if banks > 1 else 0


@cache
def _ram_shape(depth: int, width: int) -> tuple[int, int]:
    """(LUTs, banks) of RAM32M or of RAM64M, as Yosys weighs them: a cell 8, 1 to 8 where its width is partly used, and half
    a bit that is selected from."""
    if width == 1 and 64 < depth <= 128:
        return 4, 1  # RAM128X1D

    def weight(banks: int, bits: int) -> float:
        whole, rest = divmod(width, bits)
        return banks * (8 * whole + (1 + 7 * rest / bits if rest else 0)) + width * (banks - 1) / 2

    words, bits = min(((64, 3), (32, 6)), key=lambda shape: weight(ceil(depth / shape[0]), shape[1]))
    return 4 * ceil(depth / words) * ceil(width / bits), ceil(depth / words)


def multiplexer_luts(inputs: int) -> int:
    """LUTs of a multiplexer of one bit: four inputs a LUT6, and a tree of these."""
    if inputs <= 1:
        return 0
    first = ceil(inputs / 4)
    return first + multiplexer_luts(first)


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


def varying_bits(image: str) -> int:
    """Bits of a memory image (for `$readmemh`) that are not the same in all of its words; the others need no memory."""
    words = [int(line, 16) for line in image.splitlines()]
    different = 0
    for word in words:
        different |= word ^ words[0]
    return different.bit_count()
