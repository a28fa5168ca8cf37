# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of GroupedVVAU."""

from __future__ import annotations

from hw_flows.operators.grouped_vector_vector.hw import GroupedVVAU
from hw_flows.operators.vector_vector.rtl import VectorVectorRtl


class OpenGroupedVVAU_rtl(VectorVectorRtl, GroupedVVAU):
    """`qu_vector_vector.sv` with a matrix of GroupIn x GroupOut for each tap of each group; PE groups a word.

    Every product is of a group, none with a zero of a dense matrix. A group's products are made at once: with
    PE * SIMD * GroupIn * GroupOut units a frame takes OH * OW * kh * kw * Channels / (PE * SIMD) cycles, and no fewer units
    than GroupIn * GroupOut can be had. That suits many small groups (ResNeXt) and channel multipliers, not few large ones.
    """

    def group(self) -> tuple[int, int]:
        return int(self.get_nodeattr("GroupIn")), int(self.get_nodeattr("GroupOut"))
