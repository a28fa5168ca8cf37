# SPDX-License-Identifier: BSD-3-Clause
"""A value on a tie is decided by whole numbers: what `Fraction` says, whatever floats add up to."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.network.arithmetic import compute
from hw_flows.network.execute import execute_network
from hw_flows.network.whole_steps import Step, compute_whole
from hw_flows.steps.qonnx_to_finn import step_qonnx_to_finn
from tests.hw_flows.network.normal_form.graphs import Line, graph, quant

#: Of images and weights: no power of two, so that products of their whole numbers have more digits than float64.
SCALE, OTHER, WEIGHT = np.float32(0.0665444), np.float32(0.0471239), np.float32(0.0123457)


def steps(**scales: np.ndarray | np.floating) -> dict[str, Step]:
    return {name: Step(np.asarray(scale, np.float64)) for name, scale in scales.items()}


def integers(bound: int, *shape: int) -> np.ndarray:
    return np.random.default_rng([bound, *shape]).integers(-bound, bound + 1, shape).astype(np.float64)


def channel_scales(*shape: int) -> np.ndarray:
    """As a file has them, in float64."""
    return np.float64(np.float32(np.random.default_rng(shape).uniform(0.01, 0.1, shape)))


@pytest.mark.parametrize(
    ("kernel", "attributes"),
    [
        ((3, 4, 3, 3), {"pads": [1, 1, 1, 1]}),
        ((4, 2, 3, 3), {"group": 2, "strides": [2, 1]}),
        ((4, 1, 5, 5), {"group": 4, "dilations": [2, 1]}),
    ],
)
@pytest.mark.parametrize("by_channel", [False, True])
def test_a_convolution_gives_the_rounded_exact_sum(kernel: tuple[int, ...], attributes: dict, by_channel: bool) -> None:
    scale = channel_scales(kernel[0], 1, 1, 1) if by_channel else np.float64(WEIGHT)
    x, weights = 37 * integers(2, 1, 4, 16, 16), 11 * integers(2, *kernel)
    node = helper.make_node("Conv", ["x", "w"], ["y"], **attributes)
    sums = compute(node, [x, weights])
    found = compute_whole(node, [x * np.float64(SCALE), weights * scale], False, steps(x=SCALE, w=scale))
    assert sums is not None and found is not None
    y, step = found
    floats = compute(node, [x * np.float64(SCALE), weights * scale])
    assert floats is not None and np.any(floats[sums == 0] != 0), "else this shows nothing"
    np.testing.assert_array_equal(np.sign(y), np.sign(sums))
    assert step is not None
    np.testing.assert_array_equal(step.whole(y), sums)
    for channel, factor in enumerate(np.broadcast_to(scale.ravel(), kernel[0])):
        product = Fraction(float(SCALE)) * Fraction(float(factor))
        assert y[0, channel].ravel().tolist() == [float(int(n) * product) for n in sums[0, channel].ravel()]


def test_a_transposed_convolution_has_a_scale_for_each_channel_on_its_other_axis() -> None:
    scale = channel_scales(1, 3, 1, 1)
    x, weights = integers(20, 1, 2, 6, 6), integers(2, 2, 3, 3, 3)
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2])
    sums = compute(node, [x, weights])
    found = compute_whole(node, [x * np.float64(SCALE), weights * scale], False, steps(x=SCALE, w=scale))
    assert sums is not None and found is not None and found[1] is not None
    np.testing.assert_array_equal(found[1].whole(found[0]), sums)
    np.testing.assert_array_equal(found[0] == 0, sums == 0)


def test_joined_branches_of_unequal_scales_cancel_each_by_itself() -> None:
    a, b = integers(30, 1, 2, 10, 10), integers(30, 1, 2, 10, 10)
    join = helper.make_node("Concat", ["a", "b"], ["x"], axis=1)
    joined = compute_whole(join, [a * np.float64(SCALE), b * np.float64(OTHER)], False, steps(a=SCALE, b=OTHER))
    assert joined is not None and joined[1] is not None and joined[1].scale.shape == (1, 4, 1, 1)
    weights = np.array([1.0, -1, 0, 0, 2, -2, 1, -1]).reshape(2, 4, 1, 1)
    conv = helper.make_node("Conv", ["x", "w"], ["y"])
    found = compute_whole(conv, [joined[0], weights * np.float64(WEIGHT)], False, {"x": joined[1], **steps(w=WEIGHT)})
    assert found is not None and found[1] is None
    first, second = a[:, 0] - a[:, 1], b[:, 0] - b[:, 1]
    np.testing.assert_array_equal(found[0][:, 0] == 0, first == 0)
    np.testing.assert_array_equal(found[0][:, 1] == 0, (first == 0) & (second == 0))


def test_a_bias_of_its_own_digits_ends_what_is_known_and_zeros_do_not() -> None:
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"])
    x, weights = integers(9, 1, 2, 4, 4) * np.float64(SCALE), integers(3, 2, 2, 1, 1) * np.float64(WEIGHT)
    for bias, known in ((np.zeros(2), True), (np.array([0.1, 0.2]), False)):
        found, plain = (
            compute_whole(node, [x, weights, bias], False, steps(x=SCALE, w=WEIGHT)),
            compute(node, [x, weights, bias]),
        )
        assert found is not None and plain is not None
        assert (found[1] is not None) == known
        np.testing.assert_allclose(found[0], plain, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("node", "constants", "parts"),
    [
        (helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]), [], 36),
        (helper.make_node("GlobalAveragePool", ["x"], ["y"]), [], 36),
        (helper.make_node("Resize", ["x", "", "s"], ["y"], mode="linear"), [None, np.array([1.0, 1, 2, 2])], 16),
        (helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2]), [], 1),
        (helper.make_node("Relu", ["x"], ["y"]), [], 1),
        (helper.make_node("Transpose", ["x"], ["y"], perm=[0, 2, 3, 1]), [], 1),
    ],
)
def test_averages_are_parts_of_steps(node, constants: list, parts: int) -> None:
    """Read by a convolution, their whole numbers cancel, too."""
    x = integers(20, 1, 2, 6, 6)
    found = compute_whole(node, [x * np.float64(SCALE), *constants], False, steps(x=SCALE))
    plain = compute(node, [x * np.float64(SCALE), *constants])
    whole = compute(node, [x, *constants])
    assert found is not None and found[1] is not None and plain is not None and whole is not None
    assert found[1].parts == parts
    np.testing.assert_array_equal(found[1].whole(found[0]), np.rint(whole * parts))
    np.testing.assert_allclose(whole * parts, np.rint(whole * parts), rtol=0, atol=1e-9)
    np.testing.assert_allclose(found[0], plain, rtol=0, atol=1e-15 * 40)


def test_half_of_a_step_is_a_tie_after_an_average() -> None:
    """5 of 10 pixels."""
    x = np.zeros((1, 1, 2, 5))
    x[0, 0, 0] = 1
    node = helper.make_node("GlobalAveragePool", ["x"], ["y"])
    for scale in channel_scales(200):
        found = compute_whole(node, [x * scale], False, steps(x=scale))
        assert found is not None and found[0].item() / scale == 0.5


def test_sums_of_commensurable_steps_and_products_of_steps() -> None:
    a, b = integers(30, 1, 2, 8, 8), integers(30, 1, 2, 8, 8)
    add, mul = (helper.make_node(kind, ["a", "b"], ["y"]) for kind in ("Add", "Mul"))
    known = {**steps(a=SCALE), "b": Step(np.asarray(SCALE, np.float64), 3)}
    inputs: list[np.ndarray | None] = [step.values(n) for step, n in zip(known.values(), (a, b), strict=True)]
    found = compute_whole(add, inputs, False, known)
    assert found is not None and found[1] is not None
    np.testing.assert_array_equal(found[1].whole(found[0]), 3 * a + b)
    np.testing.assert_array_equal(found[0] == 0, 3 * a + b == 0)
    found = compute_whole(mul, inputs, False, known)
    assert found is not None and found[1] is not None
    np.testing.assert_array_equal(found[1].whole(found[0]), a * b)
    found = compute_whole(add, inputs, False, {**known, **steps(b=OTHER)})
    assert found is not None and found[1] is None  # no common measure


def test_a_factor_becomes_part_of_the_step() -> None:
    a, factor = integers(30, 1, 2, 4, 4), np.float64(np.float32([0.3, -0.7])).reshape(2, 1, 1)
    for kind, names, inputs in (
        ("Mul", ["a", "c"], [a * np.float64(SCALE), factor]),
        ("Mul", ["c", "a"], [factor, a * np.float64(SCALE)]),
        ("Div", ["a", "c"], [a * np.float64(SCALE), factor]),
    ):
        found = compute_whole(helper.make_node(kind, names, ["y"]), inputs, False, steps(a=SCALE))
        assert found is not None and found[1] is not None and found[1].scale.shape == (1, 2, 1, 1)
        np.testing.assert_array_equal(found[1].whole(found[0]), a)


def _signs(quantizer: Line, *before: Line) -> ModelWrapper:
    """A quantizer with a boundary at zero, behind a convolution without bias."""
    weights = 11 * integers(2, 4, 2, 3, 3) * np.float64(WEIGHT)
    return graph(
        quant("x", "a", bits=8, scale=SCALE),
        quant(weights, "w", bits=8, scale=WEIGHT),  # type: ignore[arg-type]
        ("Conv", ["a", "w"], "s", {"pads": [1, 1, 1, 1]}),
        *before,
        quantizer,
        shape=(1, 2, 16, 16),
    )


@pytest.mark.parametrize("mode", ["CEIL", "FLOOR", "UP", "DOWN", "ROUND"])
@pytest.mark.parametrize("function", [None, ("LeakyRelu", ["s"], "t", {"alpha": 0.01})])
def test_the_step_that_makes_integers_of_weights_changes_no_answer(mode: str, function: Line | None) -> None:
    before = [] if function is None else [function]
    model = _signs(quant("s" if function is None else "t", "y", bits=4, scale=OTHER, rounding_mode=mode), *before)
    x = np.float32(37 * integers(2, 1, 2, 16, 16) * np.float64(SCALE))
    expected = execute_network(model, None, x)
    whole = np.rint(np.float64(x) / np.float64(SCALE))
    weights = np.rint(np.asarray(model.get_initializer("c1_0"), np.float64) / np.float64(WEIGHT))
    sums = compute(model.graph.node[2], [whole, weights])
    assert sums is not None and np.count_nonzero(sums == 0) >= 10
    assert np.all(expected[sums == 0] == 0)
    converted = step_qonnx_to_finn(model, None)
    np.testing.assert_allclose(execute_network(converted, None, x), expected, rtol=1e-12)


def test_quantizers_say_their_steps() -> None:
    for signed, narrow in product((0, 1), (0, 1)):
        kind, (_, scale, _, width), output, attributes = quant(
            "x", "y", bits=4, scale=SCALE, signed=signed, narrow=narrow
        )
        for zero_point, known in ((3.0, True), (0.5, False)):
            node = helper.make_node(kind, ["x", "s", "z", "b"], [output], **attributes)
            inputs = [
                integers(99, 1, 1, 9, 9) / 7,
                *(np.float64(value) for value in (scale, zero_point, width)),
            ]
            found = compute_whole(node, inputs, False, {})
            assert found is not None and (found[1] is not None) == known
            if found[1] is not None:
                np.testing.assert_array_equal(found[1].values(found[1].whole(found[0])), found[0])
