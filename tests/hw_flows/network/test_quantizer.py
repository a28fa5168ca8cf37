# SPDX-License-Identifier: BSD-3-Clause
"""The integers of a quantizer are those that its arithmetic gives for all values."""

from __future__ import annotations

import numpy as np
import pytest

from hw_flows.network.execute import execute_network
from hw_flows.network.quantizer import integer_range
from tests.hw_flows.network.normal_form.graphs import graph, quant


@pytest.mark.parametrize(
    ("bits", "signed", "narrow", "expected"),
    [
        (3, 1, 0, (-4, 3, "INT3")),
        (3, 1, 1, (-3, 3, "INT3")),
        (3, 0, 0, (0, 7, "UINT3")),
        (3, 0, 1, (0, 6, "UINT3")),
        (1, 0, 0, (0, 1, "BINARY")),
    ],
)
def test_range_and_type(bits: int, signed: int, narrow: int, expected: tuple[int, int, str]) -> None:
    model = graph(quant("x", "y", bits=bits, scale=0.5, signed=signed, narrow=narrow), shape=(1, 1, 1, 101))
    assert integer_range(model, model.graph.node[0]) == expected
    integers = execute_network(model, None, np.linspace(-9, 9, 101, dtype=np.float32).reshape(1, 1, 1, 101)) / 0.5
    assert (integers.min(), integers.max()) == expected[:2]
