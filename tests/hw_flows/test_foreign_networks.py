# SPDX-License-Identifier: BSD-3-Clause
"""Networks that this project did not train go through every step of the front end without a changed value."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import FRONT_END, after, assert_same_answers, exported

NETWORKS = {
    "deep, narrow, not square, negative gammas": ForeignNet(
        channels=(3, 5, 6, 7), image=(16, 24), negative_gammas=True
    ),
    "transposed convolutions, power-of-two scales, negative gammas": ForeignNet(
        decoder="transpose", power_of_two_scales=True, negative_gammas=True
    ),
    "scales per channel, 3-bit weights, 5-bit activations": ForeignNet(
        scale_per_channel=True, weight_bits=3, activation_bits=5, negative_gammas=True
    ),
    "transposed convolutions, scales per channel, biases": ForeignNet(
        decoder="transpose", scale_per_channel=True, convolution_bias=True, negative_gammas=True
    ),
    "no batch norm, biases": ForeignNet(batch_norm=False, convolution_bias=True),
    "no batch norm, power-of-two scales: ties": ForeignNet(batch_norm=False, power_of_two_scales=True),
    "signed activations": ForeignNet(signed_activations=True, negative_gammas=True),
    "signed activations, transposed convolutions, power-of-two scales": ForeignNet(
        signed_activations=True, decoder="transpose", power_of_two_scales=True
    ),
    "three colours, four classes": ForeignNet(in_channels=3, classes=4),
    "1x1 convolutions": ForeignNet(kernel=1, seed=1),
    "5x5 convolutions of 2 bits": ForeignNet(kernel=5, weight_bits=2),
    "stride-2 convolutions instead of pooling": ForeignNet(downsample="stride", negative_gammas=True),
    "8 bits": ForeignNet(weight_bits=8, activation_bits=8),
    "quantized output": ForeignNet(quantized_output=True, classes=4, seed=4),
    "sigmoid on the host": ForeignNet(sigmoid_output=True),
    "raw pixels": ForeignNet(input_quantizer=False),
    "branches of unequal power-of-two scales and widths": ForeignNet(
        power_of_two_scales=True, shared_skip_quantizer=False, skip_bits=3
    ),
    "branches of unequal scales, quantized again": ForeignNet(shared_skip_quantizer=False, requantized_concat=True),
    "quantized biases": ForeignNet(convolution_bias=True, quantized_bias=True, batch_norm=False),
    "three branches in one concat": ForeignNet(dense_skips=True),
    "overlapping max-pool, signed": ForeignNet(downsample="overlapping_pool", signed_activations=True, image=(20, 28)),
    "average pools without quantizers": ForeignNet(downsample="average_pool", channels=(3, 4, 5)),
    "padded average pools, ties": ForeignNet(downsample="padded_average_pool", power_of_two_scales=True),
    "depthwise": ForeignNet(depthwise=True, negative_gammas=True, scale_per_channel=True),
    "depthwise behind branches of unequal scales": ForeignNet(depthwise=True, shared_skip_quantizer=False),
    "groups behind branches of unequal power-of-two scales": ForeignNet(
        groups=2, power_of_two_scales=True, shared_skip_quantizer=False, skip_bits=3, negative_gammas=True
    ),
    "dilated": ForeignNet(dilation=2, channels=(3, 6)),
}


NETWORKS = {name: replace(net, older_exporter=True) for name, net in NETWORKS.items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_step_keeps_the_answer(name: str) -> None:
    for step in FRONT_END:
        assert_same_answers(NETWORKS[name], step)


def test_one_wrong_weight_changes_the_answer() -> None:
    """So equal answers mean equal parameters."""
    net = NETWORKS["8 bits"]
    built = deepcopy(after(net, "step_minimize_bit_width"))
    assert built.parent is not None
    node = built.model.get_nodes_by_op_type("MVAU")[0]
    weights = built.model.get_initializer(node.input[1]).copy()
    weights.flat[np.abs(weights).argmin()] += 1
    built.model.set_initializer(node.input[1], weights)
    frame, expected = exported(net).frames[0], exported(net).outputs[0]
    assert np.abs(built.answer(frame) - expected).max() > 1e-4 * np.abs(expected).max()
