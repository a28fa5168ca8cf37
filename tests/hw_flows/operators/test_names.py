# SPDX-License-Identifier: BSD-3-Clause
"""Names of operator types with and without a backend."""

from __future__ import annotations

import pytest

from hw_flows.operators.names import finn_name, is_own, own_name


@pytest.mark.parametrize(
    "op_type", ["OpenStreamingFIFO_rtl", "StreamingFIFO_rtl", "StreamingFIFO_hls", "StreamingFIFO"]
)
def test_finns_name_is_that_without_a_backend(op_type: str) -> None:
    assert finn_name(op_type) == "StreamingFIFO"
    assert is_own(op_type) == (op_type == own_name("StreamingFIFO"))
