# SPDX-License-Identifier: BSD-3-Clause
"""Every operator is bound to our RTL and stays what it was."""

import pytest
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.machine.errors import UserError
from hw_flows.operators import RTL_DOMAIN
from hw_flows.operators.names import own_name
from hw_flows.steps.specialize_layers import step_specialize_layers
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after


@pytest.mark.parametrize("decoder", ["upsample", "transpose"])
def test_operators_keep_names_shapes_and_types(decoder: str) -> None:
    net = ForeignNet(decoder=decoder)
    before, model = after(net, "step_minimize_bit_width").model, after(net, "step_specialize_layers").model
    for old, new in zip(before.graph.node, model.graph.node, strict=True):
        assert (new.domain, new.op_type, new.name) == (RTL_DOMAIN, own_name(old.op_type), old.name)
        abstract, bound = getCustomOp(old), getCustomOp(new)
        assert isinstance(bound, type(abstract))
        assert tuple(bound.get_normal_output_shape()) == tuple(abstract.get_normal_output_shape())
        assert bound.get_output_datatype() == abstract.get_output_datatype()


def test_an_operator_without_backend_is_refused() -> None:
    child = ModelWrapper(after(ForeignNet(), "step_minimize_bit_width").model.model, make_deepcopy=True)
    child.graph.node[0].op_type = "LayerNorm"
    with pytest.raises(UserError, match="LayerNorm has no RTL backend"):
        step_specialize_layers(child, None)
