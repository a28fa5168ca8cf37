"""RTL backend of FINN's Thresholding."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from finn.custom_op.fpgadataflow.thresholding import Thresholding

from hw_flows.errors import UserError
from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.memory import prefers_block, ramb18, rom_luts

_HERE = Path(__file__).parent
#: A stage with at most this many thresholds in a lane reads them in the LUTs of its comparison (measured: about equal in
#: LUTs, and it saves the register).
_WITHIN_WORDS = 16


class OpenThresholding_rtl(RtlOperator, Thresholding):
    """Output = ActVal + number of thresholds that the input reaches.

    Input [..., NumChannels], thresholds [NumChannels or 1, numSteps] in rising order, 1 to 255 of them. Integer input of up
    to 30 bits, integer output.
    """

    module: ClassVar[str] = "thresholding"
    sources: ClassVar[tuple[Path, ...]] = (_HERE / "threshold_stage.sv", _HERE / "thresholding.sv")

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

    def threshold_bits(self) -> int:
        """One bit more than the input, two's complement: a threshold below and one above every input fit."""
        return self.get_input_datatype(0).bitwidth() + 1

    def stages(self) -> tuple[int, int]:
        """(WITHIN_STAGES, BLOCK_STAGES): the first that hold their thresholds in the comparison, the last in block memory."""
        steps, fold, bits = self.step_bits(), self.calc_tmem(), self.threshold_bits()
        style = self.get_nodeattr("ram_style")
        within = block = 0
        for k in range(steps):
            words = fold << k
            if words <= _WITHIN_WORDS:
                within += 1
            elif style == "block" or (style == "auto" and prefers_block(rom_luts(words, bits), ramb18(words, bits))):
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
            "THRESHOLD_BITS": self.threshold_bits(),
            "OUT_BITS": result.bitwidth(),
            "BIAS": self.get_nodeattr("ActVal"),
            "WITHIN_STAGES": within,
            "BLOCK_STAGES": block,
        }

    def _check(self) -> None:
        where = f"node {self.onnx_node.name}"
        channels, pe, steps = (self.get_nodeattr(a) for a in ("NumChannels", "PE", "numSteps"))
        if pe < 1 or channels % pe:
            raise UserError(f"PE is {pe}, which does not divide NumChannels {channels}", where, "choose a divisor")
        if not 1 <= steps <= 255:
            raise UserError(f"numSteps is {steps}, must be 1 to 255", where, "quantize the output to at most 8 bits")
        data, result = self.get_input_datatype(0), self.get_output_datatype()
        if not data.is_integer() or data.name == "BIPOLAR" or data.bitwidth() > 30:
            raise UserError(f"inputDataType is {data.name}, must be an integer of at most 30 bits", where)
        low = int(self.get_nodeattr("ActVal"))
        high = low + steps
        if not result.is_integer() or result.name == "BIPOLAR" or not (result.allowed(low) and result.allowed(high)):
            raise UserError(
                f"outputDataType is {result.name}, which cannot hold ActVal {low} to ActVal + numSteps {high}", where
            )

    # --- contents ---------------------------------------------------------------------------------------------------
    def rtl_memories(self, model: Any) -> dict[str, str]:
        """One file a lane and stage: for each group of channels the thresholds in the middle of what can be left there.

        Written minus one, because the hardware compares strictly, and clipped so that a threshold above every input never
        counts and one below always does.
        """
        self._check()
        thresholds = np.asarray(model.get_initializer(self.onnx_node.input[1]), dtype=np.float64)
        channels, pe, steps = (int(self.get_nodeattr(a)) for a in ("NumChannels", "PE", "numSteps"))
        where = f"node {self.onnx_node.name}"
        if thresholds.ndim != 2 or thresholds.shape[0] not in (1, channels) or thresholds.shape[1] != steps:
            raise UserError(f"thresholds have shape {thresholds.shape}, must be ({channels} or 1, {steps})", where)
        if np.any(np.diff(thresholds, axis=1) < 0):
            raise UserError("thresholds are not in rising order", where, "sort them along the last axis")
        data = self.get_input_datatype(0)
        bits, total = self.threshold_bits(), (1 << self.step_bits()) - 1
        # An integer x reaches t when x >= ceil(t), that is x > ceil(t) - 1.
        words = np.clip(np.ceil(thresholds) - 1, data.min() - 1, data.max()).astype(np.int64)
        words = np.pad(words, ((0, 0), (0, total - steps)), constant_values=int(data.max()))
        words = np.broadcast_to(words, (channels, total)) & ((1 << bits) - 1)
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
        """Per lane and stage one LUT a bit for the comparison, plus the memory; figures of Yosys synth_xilinx."""
        steps, fold, bits, pe = self.step_bits(), self.calc_tmem(), self.threshold_bits(), self.get_nodeattr("PE")
        data_bits, group_bits = self.get_input_datatype(0).bitwidth(), (fold - 1).bit_length()
        within, block = self.stages()
        lut = ff = blocks = 0
        for k in range(steps):
            words = fold << k
            lut += bits + 1
            ff += data_bits + k + 1 + group_bits
            if k >= within:
                ff += data_bits + k + group_bits
                if k + block >= steps:
                    blocks += ramb18(words, bits)
                else:
                    lut += rom_luts(words, bits)
                    ff += bits
        return Cost(lut=pe * lut + group_bits + 4, ff=pe * ff + group_bits + 2 * steps - within, bram36=pe * blocks / 2)
