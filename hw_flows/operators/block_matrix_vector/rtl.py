# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of BlockMVAU."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod
from pathlib import Path
from typing import ClassVar

from qonnx.core.datatype import DataType

from hw_flows.accelerator import Role
from hw_flows.operators.base import Attributes, Border, Cost, PortGroup, RtlOperator, divisors
from hw_flows.operators.block_matrix_vector.hw import BlockMVAU
from hw_flows.operators.matrix_vector import rtl as matrix_vector
from hw_flows.operators.matrix_vector.rtl import dot_products_cost, multipliers_cost
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require, require_divides
from hw_flows.operators.shared.ram import memory_cost, use_block_memory
from hw_flows.operators.thresholding import rtl as thresholding

_HERE = Path(__file__).parent
_MATRIX_VECTOR, _THRESHOLDING = Path(matrix_vector.__file__).parent, Path(thresholding.__file__).parent
_PRODUCTS = ("booth_chain", "adder_tree", "dot_product", "multipliers")
#: Bytes of a word of the stream that folding chooses from: parts of the memory's words, so that they are easily made.
STREAM_BYTES = (1, 2, 4, 8)
#: Words may be filled up to this much more than the least.
MOST_FILLED = 1.05
#: Fewest pixels of a block: a sum is read, added to and written in so many cycles.
_LEAST_PIXELS = 3


class OpenBlockMVAU_rtl(RtlOperator, BlockMVAU):
    """Image and output in words of `lanes()` and `PE` elements; weights and thresholds in words of `StreamBytes` bytes.

    A frame takes H * W * (window / SIMD) * (MH / PE) cycles, as of a matrix-vector unit, where every word of weights comes
    within the cycles of a block's pixels and results leave while the next block's first sums are made.
    """

    module: ClassVar[str] = "qu_block_matrix_vector"
    sources: ClassVar[tuple[Path, ...]] = (
        LOOP_COUNTER,
        SIMPLE_DUAL_PORT_RAM,
        *(_MATRIX_VECTOR / f"qu_{name}.sv" for name in _PRODUCTS),
        _THRESHOLDING / "qu_not_less.sv",
        *(
            _HERE / f"qu_block_{name}.sv"
            for name in ("reader", "weights", "sums", "thresholds", "writer", "matrix_vector")
        ),
    )
    role: ClassVar[Role] = Role.MATRIX

    def input_ports(self) -> tuple[PortGroup, ...]:
        return PortGroup("s_axis", (0,)), PortGroup("weights", (1,))

    def memory_inputs(self) -> tuple[int, ...]:
        return (1,)

    # --- choices ----------------------------------------------------------------------------------------------------
    def buffer_rows(self) -> int:
        """Rows of the image that are kept: of a block, around it, and those that arrive meanwhile."""
        height, rows = int(self.get_nodeattr("ImgDim")[0]), int(self.get_nodeattr("BlockRows"))
        around = int(self.get_nodeattr("KernelDim")[0]) - 1 if rows < height else 0
        return rows + around + int(self.get_nodeattr("RowsAhead"))

    def _memories(self) -> tuple[tuple[int, int], ...]:
        """(words, bits of a word) of the image's rows, the sums and the results."""
        layout, (_, width) = self.layout(), map(int, self.get_nodeattr("ImgDim"))
        rows = int(self.get_nodeattr("BlockRows"))
        data, result = self.get_input_datatype(0).bitwidth(), self.get_output_datatype().bitwidth()
        return (
            (self.buffer_rows() * width * layout.fold, layout.lanes * data),
            (rows * width, layout.pe * layout.sum_bits),
            (int(self.get_nodeattr("OutputBlocks")) * rows * width * layout.groups, layout.pe * result),
        )

    def folding_choices(self) -> Iterator[Attributes]:
        """Rows of a block in powers of two, as many rows ahead (none, too, where a block is the image), one or two blocks of
        results; all lanes, with a column of the kernel or all columns at a time."""
        height, width = map(int, self.get_nodeattr("ImgDim"))
        kernel_w = int(self.get_nodeattr("KernelDim")[1])
        rows = [1 << k for k in range(height.bit_length()) if 1 << k < height] + [height]
        rows = [r for r in rows if ((height - 1) % r + 1) * width >= _LEAST_PIXELS]
        for lanes in divisors(int(self.get_nodeattr("NumChannels"))):
            for columns in {1, kernel_w}:
                for pe in divisors(int(self.get_nodeattr("MH"))):
                    for r, ahead in [*((r, r) for r in rows), (height, 0)]:
                        for kept in (1, 2):
                            yield (
                                ("SIMD", lanes * columns),
                                ("ParallelColumns", int(columns > 1)),
                                ("PE", pe),
                                ("BlockRows", r),
                                ("RowsAhead", ahead),
                                ("OutputBlocks", kept),
                                ("StreamBytes", self._stream_bytes(lanes * columns * pe)),
                            )

    def _stream_bytes(self, lanes: int) -> int:
        """The widest word of the stream, which is the cheapest to read, that little of is filled up for a word of weights."""
        bits = lanes * self.layout().weight_bits
        filled = {size: -(-bits // (8 * size)) * 8 * size for size in STREAM_BYTES}
        return max(size for size, whole in filled.items() if whole <= MOST_FILLED * min(filled.values()))

    def lead(self, border: Border | None) -> float:
        """The rows of the first block, and as long as it is worked on."""
        height, rows = int(self.get_nodeattr("ImgDim")[0]), int(self.get_nodeattr("BlockRows"))
        return (min(rows + int(self.get_nodeattr("KernelDim")[0]) // 2, height) + rows) / height

    def dram_bytes(self) -> int:
        return self.blocks() * self.layout().block_bytes

    # --- declaration ------------------------------------------------------------------------------------------------
    def products(self) -> tuple[int, int]:
        window = prod(map(int, self.get_nodeattr("KernelDim"))) * int(self.get_nodeattr("NumChannels"))
        lanes = int(self.get_nodeattr("SIMD")) * int(self.get_nodeattr("PE"))
        return lanes, prod(map(int, self.get_nodeattr("ImgDim"))) * window * int(self.get_nodeattr("MH"))

    def rtl_parameters(self) -> dict[str, int]:
        self._check()
        layout, (height, width) = self.layout(), map(int, self.get_nodeattr("ImgDim"))
        data_bits, data_signed = element(self, self.get_input_datatype(0))
        block_input, block_sums, block_output = (use_block_memory(*memory) for memory in self._memories())
        return {
            "HEIGHT": height,
            "WIDTH": width,
            "LANES": layout.lanes,
            "FOLD": layout.fold,
            "KERNEL_H": layout.kernel[0],
            "KERNEL_W": layout.kernel[1],
            "COLUMNS": layout.columns,
            "PE": layout.pe,
            "GROUPS": layout.groups,
            "IN_BITS": data_bits,
            "IN_SIGNED": data_signed,
            "WEIGHT_BITS": layout.weight_bits,
            "ACC_BITS": layout.sum_bits,
            "STEP_BITS": layout.step_bits,
            "OUT_BITS": self.get_output_datatype().bitwidth(),
            "BIAS": int(self.get_nodeattr("ActVal")),
            "USE_DSP": self.products_per_dsp(),
            "CHAIN": layout.chain or 1,
            "ROWS": int(self.get_nodeattr("BlockRows")),
            "BUFFER_ROWS": self.buffer_rows(),
            "OUT_BLOCKS": int(self.get_nodeattr("OutputBlocks")),
            "STREAM_BITS": 8 * layout.stream_bytes,
            "ROWS_BEFORE": layout.rows_before,
            "BLOCK_INPUT": int(block_input),
            "BLOCK_SUMS": int(block_sums),
            "BLOCK_OUTPUT": int(block_output),
        }

    def _check(self) -> None:
        require_divides(self, "PE", "MH")
        size, kernel = (list(self.get_nodeattr(name)) for name in ("ImgDim", "KernelDim"))
        require(
            len(size) == 2 and min(size) >= 1,
            self,
            f"ImgDim = {size} is no [height, width]",
            "give two positive integers",
        )
        require(
            len(kernel) == 2 and all(k >= 1 and k % 2 == 1 for k in kernel),
            self,
            f"KernelDim = {kernel} has no middle",
            "give two odd integers",
        )
        channels, simd = int(self.get_nodeattr("NumChannels")), int(self.get_nodeattr("SIMD"))
        columns = kernel[1] if self.get_nodeattr("ParallelColumns") else 1
        require(
            simd >= 1 and simd % columns == 0 and channels >= 1 and channels % (simd // columns) == 0,
            self,
            f"SIMD = {simd} is not {columns} times a divisor of NumChannels = {channels}",
            f"set SIMD to {columns} times a divisor of {channels}",
        )
        rows, ahead = int(self.get_nodeattr("BlockRows")), int(self.get_nodeattr("RowsAhead"))
        require(
            1 <= rows <= size[0] and ((size[0] - 1) % rows + 1) * size[1] >= _LEAST_PIXELS,
            self,
            f"BlockRows = {rows} makes a block of fewer than {_LEAST_PIXELS} pixels of ImgDim = {size}, or of no rows",
            "choose another number of rows of the image",
        )
        require(ahead >= 0, self, f"RowsAhead is {ahead}", "give a number that is not negative")
        require(int(self.get_nodeattr("StreamBytes")) >= 1, self, "StreamBytes is below 1", "give 1 or more")
        self._check_types()

    def _check_types(self) -> None:
        data, weight = self.get_input_datatype(0), DataType[self.get_nodeattr("weightDataType")]
        bits, _ = element(self, data)
        require(
            bits <= matrix_vector.MOST_DATA_BITS,
            self,
            f"inputDataType is {data.name}, at most {matrix_vector.MOST_DATA_BITS} bits can be multiplied",
            "quantize it",
        )
        require(
            bool(weight.is_integer()) and self.layout().weight_bits <= 8,
            self,
            f"weightDataType is {weight.name}, must be an integer of at most 8 bits with sign",
            "quantize the weights",
        )
        require(
            self.layout().sum_bits <= 30,
            self,
            f"sums have {self.layout().sum_bits} bits, at most 30 can be compared",
            "use fewer bits or channels",
        )
        steps, low, result = (
            int(self.get_nodeattr("numSteps")),
            int(self.get_nodeattr("ActVal")),
            self.get_output_datatype(),
        )
        require(1 <= steps <= 255, self, f"numSteps is {steps}, must be 1 to 255", "quantize to at most 8 bits")
        element(self, result)
        require(
            bool(result.allowed(low) and result.allowed(low + steps)),
            self,
            f"outputDataType is {result.name}, which cannot hold ActVal {low} to ActVal + numSteps {low + steps}",
            "widen outputDataType",
        )

    def get_exp_cycles(self) -> int:
        """Passes of a block's pixels, or as long as their weights take; a cycle between blocks; rows that cannot come ahead; results
        that the memory of one block keeps from being followed."""
        layout, (height, width) = self.layout(), map(int, self.get_nodeattr("ImgDim"))
        rows = int(self.get_nodeattr("BlockRows"))
        # from a pass's begin to the first word of the stream that may follow
        swap = 3 + (layout.columns // 2)
        words = [(layout.tile_words + n * layout.row_words + swap, count) for n, count in layout.passes_by_rows()]
        late = max(0, rows - int(self.get_nodeattr("RowsAhead"))) * width * layout.fold
        latency = self.latency() if self.get_nodeattr("OutputBlocks") == 1 else 0
        full, last = rows * width, ((height - 1) % rows + 1) * width
        blocks = self.blocks()
        # (pixels, pixels of the block before, how many such blocks); the last one of a frame is followed by the first
        kinds = [(full, last, 1), (full, full, blocks - 2), (last, full, 1)] if blocks > 1 else [(last, last, 1)]
        total = 0
        for pixels, before, count in kinds:
            block = layout.groups * sum(n * max(pixels, needed) for needed, n in words) + 1 + late
            if latency:
                block += max(0, latency + before * layout.groups - (layout.passes - 1) * pixels)
            total += count * block
        return max(total, height * width * layout.fold, height * width * layout.groups)

    def latency(self) -> int:
        """Cycles from a pixel's address to its result, and to where a complete block is seen."""
        return 2 + self.layout().columns // 2 + self._add() + 1 + 2 * self.layout().step_bits + 1

    def _add(self) -> int:
        """Cycles from operands to their sum."""
        layout = self.layout()
        each = self.products_per_dsp() or layout.chain
        multiply = 3 if self.products_per_dsp() else ceil(layout.chain * ((layout.weight_bits + 1) // 2) / 2)
        return multiply + (ceil(layout.simd / each) - 1).bit_length()

    # --- cost -------------------------------------------------------------------------------------------------------
    def cost(self) -> Cost:
        """Products as the matrix-vector unit's, memories from `memory`, thresholds a table and half a LUT a bit for each stage
        and lane; checked by `benchmarks/cost_model.py`."""
        layout = self.layout()
        image, sums, results = (memory_cost(*memory, use_block_memory(*memory)) for memory in self._memories())
        total = image + results + self._products() + self._thresholds() * layout.pe + self._control()
        if layout.passes > 1:
            total += sums
        accumulators = layout.pe * layout.sum_bits
        tile = layout.pe * layout.simd * layout.weight_bits
        gathered = max(layout.tile_words, layout.row_words) * 8 * layout.stream_bytes
        data = layout.lanes * self.get_input_datatype(0).bitwidth()
        operands = (2 * layout.columns - 1) * data
        return total + Cost(lut=accumulators, ff=accumulators + tile + gathered + operands)

    def _products(self) -> Cost:
        layout, data = self.layout(), self.get_input_datatype(0)
        if self.products_per_dsp():
            each = self.products_per_dsp()
            one = multipliers_cost(layout.simd, each, data.bitwidth(), data.signed(), layout.weight_bits)
            # never stopped, single products stay in the slice's last register
            kept = 3 if each == 2 else -data.bitwidth() - layout.weight_bits
            return (one + Cost(ff=kept * one.dsp)) * layout.pe
        one, shared_ff = dot_products_cost(layout.simd, layout.chain, data.bitwidth(), layout.weight_bits)
        return one * layout.pe + Cost(ff=shared_ff)

    def _thresholds(self) -> Cost:
        """A lane's: for each stage a table, the comparison, what is compared and what is known so far."""
        layout = self.layout()
        bits, total = layout.sum_bits, Cost()
        for k in range(layout.step_bits):
            total += memory_cost(2 << k, bits, False)
            compare = ceil(bits / 2) + (bits // 4 if bits > 16 else 0)
            total += Cost(lut=compare, ff=2 * bits + 2 * k + 1)
        return total + Cost(ff=-bits)

    def _control(self) -> Cost:
        """Addresses, loops and what goes with the pixels, fitted to `benchmarks/cost_model.py`; delays in shift registers."""
        layout, (image, sums, results) = self.layout(), ((words - 1).bit_length() for words, _ in self._memories())
        groups = (layout.groups - 1).bit_length()
        stages = 2 + layout.columns // 2
        # a pass's last pixel, first and last passes, the last pixel of results, what is in the image
        shift = (stages + self._add() > 3) + 2 + (layout.step_bits > 1)
        shift += layout.columns if stages > 3 else 0
        return Cost(
            lut=110 + 4.5 * (image + results),
            ff=87 + 3 * (image + sums + results) + 4 * layout.step_bits + 2 * groups,
            lutram=shift,
        )
