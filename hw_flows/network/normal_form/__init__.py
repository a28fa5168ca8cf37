# SPDX-License-Identifier: BSD-3-Clause
"""One form for networks that are written differently and compute the same: a quantizer right behind the arithmetic.

Brevitas exports what the network's author wrote: a quantizer behind a pool, in front of a convolution (`input_quant`), one
ReLU in front of two quantizers, a signed quantizer behind a ReLU. The steps that follow know one form only:

    convolution -> [batch normalization, scale, bias, ReLU, other functions] -> quantizer -> [pool, nearest resize, Concat] -> convolution

where a sum of two quantized branches may stand for a convolution, and may be read without a quantizer, and so may a sum of
convolutions of branches that were joined.

Each rewriting in this package keeps every value of the network, not only its answer.
"""

from __future__ import annotations

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import (
    constants_second,
    merge_equal_nodes,
    order_sums,
    own_weights,
    remove_unread,
    say_resize_modes,
)
from hw_flows.network.channel_order import hardware_order
from hw_flows.network.normal_form.hoist import hoist_quantizers
from hw_flows.network.normal_form.relu import relu_before_quantizer, unsigned_behind_relu
from hw_flows.network.normal_form.weights import center_weights
from hw_flows.network.transposed import split_transposed


def normal_form(model: ModelWrapper) -> ModelWrapper:
    """Clean QONNX in NCHW to the form above, as far as there is one. Changes `model` in place."""
    own_weights(model)
    center_weights(model)
    split_transposed(model)
    say_resize_modes(model)
    constants_second(model)
    order_sums(model)
    relu_before_quantizer(model)
    hoist_quantizers(model)
    unsigned_behind_relu(model)
    hardware_order(model)
    merge_equal_nodes(model)
    remove_unread(model)
    return model
