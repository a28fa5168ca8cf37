# SPDX-License-Identifier: BSD-3-Clause
"""Operators on integers are turned one by one, whoever reads them."""

import numpy as np
import pytest
from qonnx.core.datatype import DataType
from qonnx.transformation.infer_datatypes import InferDataTypes

from hw_flows.network.execute import execute_network
from hw_flows.steps.channels_last import channels_last
from tests.hw_flows.network.normal_form.graphs import Line, graph, kinds, pool

NEAREST = {"mode": "nearest"}
UP: Line = ("Resize", ["a", "", [1, 1, 2, 2]], "b", NEAREST)


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (  # the skip first
            (pool("x", "a"), UP, ("Concat", ["x", "b"], "y", {"axis": 1})),
            ["Transpose", "MaxPoolNHWC", "Resize", "Concat", "Transpose"],
        ),
        (  # a pool with two readers
            (
                pool("x", "a"),
                pool("a", "c"),
                ("Resize", ["c", "", [1, 1, 2, 2]], "d", NEAREST),
                ("Concat", ["a", "d"], "y", {"axis": 1}),
            ),
            ["Transpose", "MaxPoolNHWC", "MaxPoolNHWC", "Resize", "Concat", "Transpose"],
        ),
        (  # the older operator
            (pool("x", "a"), ("Upsample", ["a", [1, 1, 2, 4]], "y", NEAREST)),
            ["Transpose", "MaxPoolNHWC", "Upsample", "Transpose"],
        ),
    ],
)
def test_transposes_are_left_at_input_and_output(lines: tuple[Line, ...], left: list[str]) -> None:
    model = graph(*lines)
    model.set_tensor_datatype("x", DataType["INT4"])
    model = model.transform(InferDataTypes())
    x = np.random.default_rng(0).integers(-8, 8, (1, 2, 4, 4)).astype(np.float32)
    expected = execute_network(model, None, x)
    channels_last(model)
    assert kinds(model) == left
    np.testing.assert_array_equal(execute_network(model, None, x), expected)


def test_operators_on_fractions_stay_as_they_are() -> None:
    model = graph(pool("x", "a"), UP, ("Concat", ["x", "b"], "y", {"axis": 1}))
    channels_last(model)
    assert kinds(model) == ["MaxPool", "Resize", "Concat"]
