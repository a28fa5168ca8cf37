# SPDX-License-Identifier: BSD-3-Clause
"""A quantizer as thresholds gives the integers that QONNX's own arithmetic gives, ties and all."""

import numpy as np
import pytest
from qonnx.custom_op.general.intquant import int_quant

from hw_flows.machine.errors import UserError
from hw_flows.network.arithmetic import compute
from hw_flows.network.quantizer import (
    HALF_ODD,
    ROUNDING_MODES,
    ActivationQuantizer,
    activation_quantizer,
    check_quantizer,
)
from tests.hw_flows.network.normal_form.graphs import Line, graph, quant

#: Sixteenths of a step, so that every integer and every tie is among them.
X = (np.arange(-400, 400) / 64).reshape(1, 1, -1, 1)


def _of(line: Line) -> ActivationQuantizer:
    model = graph(line, shape=(1, 1, 4, 4))
    check_quantizer(model, model.graph.node[0])
    return activation_quantizer(model, model.graph.node[0])


@pytest.mark.parametrize("mode", ROUNDING_MODES)
@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize("narrow", [0, 1])
@pytest.mark.parametrize("zero_point", [0, 3, -2])
@pytest.mark.parametrize("bits", [2, 3, 4])
def test_every_kind(mode: str, signed: int, narrow: int, zero_point: int, bits: int) -> None:
    kind, (x, scale, _, width), output, attributes = quant(
        "x", "y", bits, signed=signed, narrow=narrow, rounding_mode=mode
    )
    found = _of((kind, [x, scale, float(zero_point), width], output, attributes))
    parameters = [np.float64(value) for value in (scale, zero_point, bits)]
    if mode == HALF_ODD:
        node = graph((kind, [x, scale, float(zero_point), width], output, attributes)).graph.node[0]
        expected = compute(node, [X, *parameters])
        assert expected is not None
        even = int_quant(X, *parameters, signed, narrow, "ROUND")
        assert np.all(np.rint(4 * X / scale) % 4 == 2, where=expected != even)  # they differ in ties alone
    else:
        expected = int_quant(X, *parameters, signed, narrow, mode)
    np.testing.assert_array_equal(found.levels(X) * scale, expected)
    assert found.datatype.min() <= found.low and found.high <= found.datatype.max()


def test_one_bit_with_sign_is_minus_one_and_one() -> None:
    found = _of(quant("x", "y", 1))
    assert found.datatype.name == "TERNARY" or found.datatype.bitwidth() == 2
    np.testing.assert_array_equal(found.levels(np.array([-0.1, 0.0, 0.1]).reshape(1, 1, 3, 1)).ravel(), [-1, 1, 1])


def test_the_type_holds_zero_so_that_padding_does() -> None:
    kind, (x, scale, _, width), output, attributes = quant("x", "y", 8, signed=0)
    found = _of((kind, [x, scale, 156.0, width], output, attributes))
    assert (found.low, found.high, found.datatype.name) == (-156, 99, "INT9")


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (1, 0.0, "scale that is not positive"),
        (1, np.float32("nan"), "scale that is not positive"),
        (2, 0.5, "zero point"),
        (3, 3.5, "not one whole number"),
        (3, 60.0, "not one whole number"),
    ],
)
def test_what_is_no_uniform_quantizer_is_refused(place: int, value: float, words: str) -> None:
    kind, inputs, output, attributes = quant("x", "y")
    inputs[place] = value
    with pytest.raises(UserError, match=words):
        _of((kind, inputs, output, attributes))
