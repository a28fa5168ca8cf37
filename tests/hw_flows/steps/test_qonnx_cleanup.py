# SPDX-License-Identifier: BSD-3-Clause
"""Clean QONNX: complete shapes, unique names, no trace of the machine that exported it."""

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import KEY
from hw_flows.steps.qonnx_cleanup import step_qonnx_cleanup
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after, exported

NET = ForeignNet()


def test_every_tensor_has_a_shape_and_every_node_a_name() -> None:
    model = after(NET, "step_qonnx_cleanup").model
    tensors = [name for node in model.graph.node for name in [*node.output, *node.input] if name]
    assert all(model.get_tensor_shape(name) is not None for name in tensors)
    names = [node.name for node in model.graph.node]
    assert all(names) and len(set(names)) == len(names)


def test_nothing_tells_who_exported_the_file() -> None:
    raw = ModelWrapper(str(exported(NET).path))
    raw.graph.node[0].doc_string = "File /somewhere/train.py, line 1"
    raw.graph.node[0].metadata_props.add(key="stack", value="/somewhere/train.py")
    raw.model.metadata_props.add(key="host", value="/somewhere")
    clean = step_qonnx_cleanup(raw, None)
    assert b"/somewhere" not in clean.model.SerializeToString()
    assert not any(node.doc_string for node in clean.graph.node)
    assert {entry.key for node in clean.graph.node for entry in node.metadata_props} == {KEY}


def test_cleaning_twice_changes_nothing() -> None:
    once = after(NET, "step_qonnx_cleanup").model
    twice = step_qonnx_cleanup(ModelWrapper(once.model, make_deepcopy=True), None)
    assert [n.name for n in twice.graph.node] == [n.name for n in once.graph.node]
