# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from hw_flows.weight_memory.faults import fault_of
from tests.hw_flows.weight_memory.networks import image_of


def test_a_status_is_told_in_words_with_the_layer() -> None:
    layout = image_of((9, 8, 2), (9, 8, 2)).layout
    assert fault_of(0b01 | 7 << 8 | 1 << 16, layout) is None
    assert (
        fault_of(1 << 6 | 1 << 16, layout)
        == "the weights of layer layer1 in memory cannot be used: their check sum is wrong"
    )
    both = fault_of(0b11 << 4, layout)
    assert both is not None and "layer0" in both and "with an error, other weights lie in their place" in both
    assert "number 9" in (fault_of(1 << 7 | 9 << 16, layout) or "")
