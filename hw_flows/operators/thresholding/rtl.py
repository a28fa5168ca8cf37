# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of FINN's Thresholding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from finn.custom_op.fpgadataflow.thresholding import Thresholding

from hw_flows.accelerator import Role
from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.memory import prefers_block, rom_block_luts, rom_luts, rom_ramb18, varying_bits
from hw_flows.operators.shared.checks import element, require, require_divides

_HERE = Path(__file__).parent
#: A stage with at most this many thresholds in a lane reads them in the LUTs of its comparison (measured: about equal in
#: LUTs, and it saves the register).
_WITHIN_WORDS = 4
_MAX_BITS = 48


class OpenThresholding_rtl(RtlOperator, Thresholding):
    """Output = ActVal + number of thresholds that the input reaches.

    Input [..., NumChannels], thresholds [NumChannels or 1, numSteps] in rising order, 1 to 255 of them. Integer input of up
    to 48 bits, integer output.
    """

    role: ClassVar[Role] = Role.THRESHOLDS
    module: ClassVar[str] = "qu_thresholding"
    sources: ClassVar[tuple[Path, ...]] = tuple(
        _HERE / f"qu_{name}.sv" for name in ("not_less", "threshold_stage", "thresholding")
    )

    def get_nodeattr_types(self) -> dict[str, Any]:
        """FINN's, and what the thresholds' values decide (set by `prepare`)."""
        return {
            **super().get_nodeattr_types(),
            # storage of the thresholds of a stage: auto (by size), block, distributed
            "ram_style": ("s", False, "auto", {"auto", "block", "distributed"}),
        }

    # --- shape of the search ----------------------------------------------------------------------------------------
    def step_bits(self) -> int:
        """Stages of the bisection: bits to count numSteps thresholds."""
        return int(self.get_nodeattr("numSteps")).bit_length()

    def stages(self) -> tuple[int, int]:
        """(WITHIN_STAGES, BLOCK_STAGES): the first that hold their thresholds in the comparison, the last in block memory."""
        steps, fold, bits = self.step_bits(), self.calc_tmem(), self.get_input_datatype(0).bitwidth() + 1
        style = self.get_nodeattr("ram_style")
        within = block = 0
        for k in range(steps):
            words = fold << k
            if words <= _WITHIN_WORDS:
                within += 1
            elif style == "block" or (
                style == "auto" and prefers_block(rom_luts(words, bits), rom_ramb18(words, bits))
            ):
                block += 1
        return within, block

    def rtl_parameters(self) -> dict[str, int]:
        self._check()
        within, block = self.stages()
        data, result = self.get_input_datatype(0), self.get_output_datatype()
        return {
            "PE": self.get_nodeattr("PE"),
            "FOLD": self.calc_tmem(),
            "STEP_BITS": self.step_bits(),
            "IN_BITS": data.bitwidth(),
            "IN_SIGNED": int(data.signed()),
            "OUT_BITS": result.bitwidth(),
            "BIAS": self.get_nodeattr("ActVal"),
            "WITHIN_STAGES": within,
            "BLOCK_STAGES": block,
        }

    def _check(self) -> None:
        require_divides(self, "PE", "NumChannels")
        steps = int(self.get_nodeattr("numSteps"))
        require(1 <= steps <= 255, self, f"numSteps is {steps}, must be 1 to 255", "quantize to at most 8 bits")
        bits, _ = element(self, self.get_input_datatype(0))
        require(
            bits <= _MAX_BITS, self, f"inputDataType has {bits} bits, at most {_MAX_BITS} can be compared", "narrow it"
        )
        result = self.get_output_datatype()
        element(self, result)
        low = int(self.get_nodeattr("ActVal"))
        require(
            bool(result.allowed(low) and result.allowed(low + steps)),
            self,
            f"outputDataType is {result.name}, which cannot hold ActVal {low} to ActVal + numSteps {low + steps}",
            "widen outputDataType",
        )

    # --- contents ---------------------------------------------------------------------------------------------------
    def rtl_memories(self, model: Any) -> dict[str, str]:
        """One file a lane and stage: for each group of channels the thresholds in the middle of what can be left there.

        A threshold above every input, and what fills up to a power of two, is a word with the bit above the data set.
        """
        self._check()
        thresholds = np.asarray(model.get_initializer(self.onnx_node.input[1]), dtype=np.float64)
        channels, pe, steps = (int(self.get_nodeattr(a)) for a in ("NumChannels", "PE", "numSteps"))
        require(
            thresholds.ndim == 2 and thresholds.shape[0] in (1, channels) and thresholds.shape[1] == steps,
            self,
            f"thresholds have shape {thresholds.shape}, must be ({channels} or 1, {steps})",
            "correct NumChannels or numSteps",
        )
        require(
            bool(np.all(np.diff(thresholds, axis=1) >= 0)),
            self,
            "thresholds are not sorted in ascending order",
            "sort them along the last axis",
        )
        data = self.get_input_datatype(0)
        never, total = 1 << data.bitwidth(), (1 << self.step_bits()) - 1
        thresholds = np.ceil(thresholds)
        words = np.clip(thresholds, data.min(), data.max()).astype(np.int64) & (never - 1)
        words = np.where(thresholds > data.max(), never, words)
        words = np.pad(words, ((0, 0), (0, total - steps)), constant_values=never)
        words = np.broadcast_to(words, (channels, total))
        files = {}
        for k in range(self.step_bits()):
            half = 1 << (self.step_bits() - 1 - k)
            middles = words[:, half - 1 :: 2 * half]  # [channels, 2**k]
            for lane in range(pe):
                values = middles[lane::pe].reshape(-1)
                files[f"_thresholds_{lane}_{k}.mem"] = "".join(f"{value:x}\n" for value in values)
        return files

    # --- cost -------------------------------------------------------------------------------------------------------
    def get_exp_cycles(self) -> int:
        return int(np.prod(self.get_folded_output_shape()[:-1]))

    def cost(self) -> Cost:
        """Per lane and stage half a LUT a bit for the comparison (more in two halves, see `threshold_stage`), the memory."""
        steps = int(self.get_nodeattr("numSteps"))
        # the bit that marks missing thresholds is used where there are fewer than a power of two, less one
        bits = self.get_input_datatype(0).bitwidth() + (steps < (1 << self.step_bits()) - 1)
        return self._cost([{bits: int(self.get_nodeattr("PE"))}] * self.step_bits())

    def cost_of(self, model: Any) -> Cost:
        """With the thresholds known: bits that are the same in all words need no memory."""
        files = self.memories(model)
        lanes = range(int(self.get_nodeattr("PE")))
        return self._cost(
            [
                Counter(varying_bits(files[f"_thresholds_{lane}_{k}.mem"]) for lane in lanes)
                for k in range(self.step_bits())
            ]
        )

    def _cost(self, widths: Sequence[Mapping[int, int]]) -> Cost:
        """`widths`: for each stage, bits of a threshold in memory -> number of lanes that have so many."""
        steps, fold, bits = self.step_bits(), self.calc_tmem(), self.get_input_datatype(0).bitwidth()
        pe, group_bits = int(self.get_nodeattr("PE")), (fold - 1).bit_length()
        within, block = self.stages()
        lut = ff = 0
        memory = Cost()
        for k in range(steps):
            words = fold << k
            ff += k + 1 + (0 if k == steps - 1 else bits + group_bits)
            if k < within:
                lut += ceil(bits / (5 - words.bit_length() + 1)) + 1
                continue
            lut += ceil(bits / 2) + (bits // 4 if bits > 16 else 0)
            ff += bits + k + group_bits
            for width, lanes in widths[k].items():
                if width and k + block >= steps:
                    memory += Cost(lut=rom_block_luts(words, width), bram36=rom_ramb18(words, width) / 2) * lanes
                elif width:
                    memory += Cost(lut=rom_luts(words, width), ff=width) * lanes
        return memory + Cost(lut=pe * lut + group_bits + 3, ff=pe * ff + group_bits + 2 * steps - within)
