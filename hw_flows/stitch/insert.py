# SPDX-License-Identifier: BSD-3-Clause
"""Complete a folded graph: width converters where lanes differ, and one FIFO on every stream.

The FIFO stands behind a width converter, right before the consumer: a matrix-vector unit takes the words of a vector at
once and then none while it works on them, faster than a converter could follow. The FIFO also breaks the combinational
ready path. A converter whose widths are not multiples of each other also gets a FIFO in front: it can be busy in every
cycle, so any gap in its input would cost throughput.
"""

from __future__ import annotations

from typing import Any

from finn.transformation.fpgadataflow.insert_dwc import InsertDWC
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.general import SortGraph

from hw_flows.operators import RTL_DOMAIN
from hw_flows.operators.names import finn_name, own_name

FIFO = own_name("StreamingFIFO")
CONVERTER = own_name("StreamingDataWidthConverter")


def insert_width_converters(model: ModelWrapper) -> ModelWrapper:
    """FINN's InsertDWC, with our converter."""
    model = model.transform(InsertDWC())
    for index, node in enumerate(model.get_nodes_by_op_type("StreamingDataWidthConverter")):
        node.op_type, node.domain = CONVERTER, RTL_DOMAIN
        node.name = f"{CONVERTER}_{index}"
        datatype = getCustomOp(node).get_input_datatype()
        model.set_tensor_datatype(node.output[0], datatype)
    return model.transform(SortGraph())


def insert_fifos(model: ModelWrapper) -> ModelWrapper:
    """One FIFO on every stream, the accelerator's input and output included; depths are set by `set_depths`."""
    initializers = {i.name for i in model.graph.initializer}
    nodes = list(model.graph.node)
    consumers = {tensor: node for node in nodes for tensor in node.input}
    producers = {tensor: node for node in nodes for tensor in node.output}
    tensors = [t for node in nodes for t in node.input if t not in initializers]
    tensors += [t.name for t in model.graph.output]
    count = 0
    for tensor in tensors:
        producer, consumer = producers.get(tensor), consumers.get(tensor)
        if consumer is not None and consumer.op_type == CONVERTER and not _regroups(consumer):
            continue
        folded, normal, datatype = _format(producer, consumer, tensor)
        new = f"{tensor}_fifo"
        model.set_tensor_shape(new, list(normal))
        if consumer is None:  # the graph's output keeps its name, so the FIFO goes before it
            assert producer is not None
            for i, name in enumerate(producer.output):
                if name == tensor:
                    producer.output[i] = new
            source, sink = new, tensor
        else:
            for i, name in enumerate(consumer.input):
                if name == tensor:
                    consumer.input[i] = new
            source, sink = tensor, new
        model.set_tensor_datatype(new, datatype)
        fifo = helper.make_node(
            FIFO,
            [source],
            [sink],
            domain=RTL_DOMAIN,
            backend="fpgadataflow",
            name=f"{FIFO}_{count}",
            depth=2,
            folded_shape=[int(d) for d in folded],
            normal_shape=[int(d) for d in normal],
            dataType=datatype.name,
        )
        model.graph.node.append(fifo)
        count += 1
    return model.transform(SortGraph())


def fifo_nodes(model: ModelWrapper) -> list[Any]:
    return [node for node in model.graph.node if node.op_type == FIFO]


def is_fifo_name(name: str) -> bool:
    """Whether a node of that name, or operator type, is a FIFO (FINN's name or ours)."""
    return finn_name(name).startswith("StreamingFIFO")


def _regroups(converter: Any) -> bool:
    operator = getCustomOp(converter)
    widths = (operator.get_nodeattr("inWidth"), operator.get_nodeattr("outWidth"))
    return bool(max(widths) % min(widths))


def _format(producer: Any, consumer: Any, tensor: str) -> tuple[tuple[int, ...], tuple[int, ...], Any]:
    if producer is not None:
        operator, index = getCustomOp(producer), list(producer.output).index(tensor)
        return (
            operator.get_folded_output_shape(index),
            operator.get_normal_output_shape(index),
            operator.get_output_datatype(index),
        )
    operator, index = getCustomOp(consumer), list(consumer.input).index(tensor)
    return (
        operator.get_folded_input_shape(index),
        operator.get_normal_input_shape(index),
        operator.get_input_datatype(index),
    )
