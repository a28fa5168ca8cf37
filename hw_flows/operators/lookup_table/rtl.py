# SPDX-License-Identifier: BSD-3-Clause
"""The RTL of LookupTable: a word a cycle, the bound of any stream; a table of 2**bits words for each lane, in LUTs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.memory import rom_luts, varying_bits
from hw_flows.operators.shared.checks import element, require, require_divides

from .hw import LookupTable


class OpenLookupTable_rtl(RtlOperator, LookupTable):
    """`PE` elements a word. Input of 1 to 8 bits, with or without sign."""

    module: ClassVar[str] = "qu_lookup_table"
    sources: ClassVar[tuple[Path, ...]] = (Path(__file__).with_name("qu_lookup_table.sv"),)

    def rtl_parameters(self) -> dict[str, int]:
        require_divides(self, "PE", "NumChannels")
        bits, _ = element(self, self.get_input_datatype())
        require(
            bits <= 8,
            self,
            f"inputDataType is {self.get_input_datatype().name}, a table has at most 8 address bits",
            "quantize to at most 8 bits",
        )
        return {
            "LANES": int(self.get_nodeattr("PE")),
            "IN_BITS": bits,
            "OUT_BITS": element(self, self.get_output_datatype())[0],
        }

    def rtl_memories(self, model: Any) -> dict[str, str]:
        """Results by the bit pattern of the argument; what is missing is the last."""
        p = self.rtl_parameters()
        table = np.ravel(model.get_initializer(self.onnx_node.input[1])).astype(np.int64)
        words, result = 1 << p["IN_BITS"], self.get_output_datatype()
        require(
            1 <= len(table) <= words and all(result.allowed(float(value)) for value in table),
            self,
            f"the table has {len(table)} values from {table.min()} to {table.max()}, for {words} of {result.name}",
            "correct inputDataType or outputDataType",
        )
        whole = np.concatenate([table, np.full(words - len(table), table[-1])])
        by_pattern = np.roll(whole, int(self.get_input_datatype().min()))  # the least argument is half way round
        mask = (1 << p["OUT_BITS"]) - 1
        return {"_table.mem": "".join(f"{int(value) & mask:x}\n" for value in by_pattern)}

    def cost(self) -> Cost:
        """A read-only memory and its register for each lane; checked by `benchmarks/cost_model.py`."""
        return self._cost(self.rtl_parameters()["OUT_BITS"])

    def cost_of(self, model: Any) -> Cost:
        """With the table known: bits that are the same in all words need no memory."""
        return self._cost(varying_bits(self.memories(model)["_table.mem"]))

    def _cost(self, bits: int) -> Cost:
        p = self.rtl_parameters()
        return Cost(lut=1 + p["LANES"] * rom_luts(1 << p["IN_BITS"], bits), ff=1 + p["LANES"] * bits)
