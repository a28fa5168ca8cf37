# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of FINN's StreamingFIFO."""

from __future__ import annotations

from math import ceil, prod
from pathlib import Path
from typing import Any, ClassVar

from finn.custom_op.fpgadataflow.streamingfifo import StreamingFIFO

from hw_flows.accelerator import Role
from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.memory import LUTS_PER_RAMB18, bank_luts, block_luts, prefers_block, ram_luts, ramb18
from hw_flows.operators.shared.checks import require

SHIFT, DISTRIBUTED, BLOCK, BOARD = 0, 1, 2, 3
#: The value of `ram_style` for FIFOs whose words wait in the board's memory.
IN_MEMORY = "memory"
_STYLES = {"srl": SHIFT, "distributed": DISTRIBUTED, "block": BLOCK, IN_MEMORY: BOARD}
_HERE = Path(__file__).parent


def fifo_cost(width: int, depth: int, style: int) -> Cost:
    """Resources of one FIFO; the control part is fitted to `benchmarks/cost_model.py`, widths 1..72, depths 2..16385."""
    bits = depth.bit_length()
    if style == SHIFT:
        if depth <= 2:
            return Cost(lut=width + 5, ff=depth * width + 2)
        stages = ceil(depth / 32)
        return Cost(lut=bits + 5, lutram=stages * width, ff=(depth - 1).bit_length() + 1)
    if style == DISTRIBUTED:
        control, flip_flops = 5.3 * bits + 1, 4 * bits - (0 if depth & (depth - 1) else 3)
        return Cost(lut=control + bank_luts(depth, width), lutram=ram_luts(depth, width), ff=flip_flops)
    blocks = ramb18(depth - 1, width) / 2
    if scatters(width, depth):
        return Cost(lut=1.6 * bits + 10, ff=3 * bits - 1 + (2 if depth & (depth - 1) else 0), bram36=blocks)
    wraps = 3 if (depth - 1) & (depth - 2) else 0
    return Cost(lut=4.4 * bits + 4 + block_luts(depth - 1, width), ff=3 * bits - 1 + wraps, bram36=blocks)


def scatters(width: int, depth: int) -> bool:
    """Whether a block memory of the next power of two, whose addresses are cheaper, takes no more block RAM."""
    return ramb18(1 << (depth - 1).bit_length(), width) <= ramb18(depth - 1, width)


def fifo_style(width: int, depth: int) -> int:
    """The storage that costs least."""
    if depth <= 32:
        shift, distributed = (fifo_cost(width, depth, s) for s in (SHIFT, DISTRIBUTED))
        return SHIFT if shift.lut + shift.lutram <= distributed.lut + distributed.lutram else DISTRIBUTED
    luts = ram_luts(depth, width) + bank_luts(depth, width)
    return BLOCK if prefers_block(luts, ramb18(depth - 1, width)) else DISTRIBUTED


def fifo_luts(width: int, depth: int) -> float:
    """Cost of a FIFO as LUTs: block memory at the rate at which it replaces LUTs, registers at a quarter of one."""
    cost = fifo_cost(width, depth, fifo_style(width, depth))
    return cost.lut + cost.lutram + 2 * LUTS_PER_RAMB18 * cost.bram36 + cost.ff / 4


class OpenStreamingFIFO_rtl(RtlOperator, StreamingFIFO):
    """FIFO of `depth` words of the stream's own width; every accepted word counts until it is handed out.

    `ram_style`: "auto" (cheapest), "srl", "distributed", "block", or "memory": that of the board. Such a FIFO is not built
    here, but beside the accelerator (`hw_flows/stream_memory`), where it is counted, too.
    """

    role: ClassVar[Role] = Role.FIFO
    module: ClassVar[str] = "qu_fifo"
    sources: ClassVar[tuple[Path, ...]] = (
        _HERE.parent / "shared" / "qu_simple_dual_port_ram.sv",
        *(
            _HERE / name
            for name in (
                "qu_address_counter.sv",
                "qu_fifo_shift.sv",
                "qu_fifo_distributed.sv",
                "qu_fifo_block.sv",
                "qu_fifo.sv",
            )
        ),
    )

    def get_nodeattr_types(self) -> dict[str, Any]:
        types: dict[str, Any] = super().get_nodeattr_types()
        kind, required, default, styles = types["ram_style"]
        return types | {"ram_style": (kind, required, default, {*styles, IN_MEMORY})}

    def in_memory(self) -> bool:
        return bool(self.get_nodeattr("ram_style") == IN_MEMORY)

    def storage(self) -> int:
        """SHIFT, DISTRIBUTED, BLOCK or BOARD, for "ultra" as for "auto". Raises UserError for a depth that cannot be built."""
        depth, style = self.get_nodeattr("depth"), self.get_nodeattr("ram_style")
        require(depth >= 1, self, f"FIFO depth is {depth}, must be at least 1", "set attribute `depth`")
        if style in ("auto", "ultra") or (style == "block" and depth < 3):
            return fifo_style(self.get_instream_width(), depth)
        return _STYLES[style]

    def rtl_parameters(self) -> dict[str, int]:
        # not in `storage`: FINN's estimates ask for the cost of every style
        ultra = self.get_nodeattr("ram_style") == "ultra"
        require(not ultra, self, "ram_style is `ultra`, which no cost model knows", "use `auto`")
        width, depth, style = self.get_instream_width(), self.get_nodeattr("depth"), self.storage()
        scattered = int(style == BLOCK and scatters(width, depth))
        return {"WORD_BITS": width, "DEPTH": depth, "STYLE": style, "SCATTERED": scattered}

    def cost(self) -> Cost:
        if self.in_memory():
            return Cost()
        return fifo_cost(self.get_instream_width(), self.get_nodeattr("depth"), self.storage())

    def get_ram_style(self) -> str:
        return next(name for name, value in _STYLES.items() if value == self.storage())

    def generate_hdl(self, model: Any, fpgapart: str, clk: float) -> None:
        """Raises UserError where it is in the board's memory: FINN's flow has nothing beside the accelerator."""
        require(not self.in_memory(), self, "ram_style is `memory`, the board's", "use `auto` in FINN's own flow")
        super().generate_hdl(model, fpgapart, clk)

    def get_exp_cycles(self) -> int:
        return prod(int(n) for n in self.get_folded_output_shape()[:-1])
