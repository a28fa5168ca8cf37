# SPDX-License-Identifier: BSD-3-Clause
"""Read a graph of RTL operators once and put all that later stages need into an `Accelerator`."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.accelerator import Accelerator, Element, Endpoint, Instance, Role, Stream, StreamPort
from hw_flows.layer_names import noted_layer
from hw_flows.machine.errors import UserError
from hw_flows.operators.base import PortGroup, RtlOperator

OUTSIDE = ""


def describe(model: ModelWrapper, name: str = "quantunet_accel") -> Accelerator:
    """Describe `model`, whose nodes are all RTL operators with equal stream widths on both ends of each tensor.

    Raises UserError where a node has no RTL of ours or where two operators disagree on a stream.
    """
    nodes = list(model.graph.node)
    names = _identifiers([node.name for node in nodes])
    operators = [_operator(node) for node in nodes]
    initializers = {i.name for i in model.graph.initializer}
    layers = _layers(model, names, [operator.role for operator in operators])

    producers: dict[str, Endpoint] = {}
    consumers: dict[str, Endpoint] = {}
    elements: dict[str, tuple[Element, int, tuple[int, ...]]] = {}
    memory: list[str] = []
    for position, tensor in enumerate(model.graph.input):
        if tensor.name not in initializers:
            producers[tensor.name] = Endpoint(OUTSIDE, position)
    for instance, node, operator in zip(names, nodes, operators, strict=True):
        for index, tensor_name in enumerate(node.output):
            producers[tensor_name] = Endpoint(instance, index)
            elements[tensor_name] = _format(operator, index, output=True)
        memory += [node.input[i] for i in operator.memory_inputs() if node.input[i] in initializers]
        for index, tensor_name in enumerate(node.input):
            if tensor_name in initializers and tensor_name not in memory:
                continue
            if tensor_name in consumers:
                raise UserError("a stream has two consumers and no fork", tensor_name, "insert DuplicateStreams")
            consumers[tensor_name] = Endpoint(instance, index)
            wanted = _format(operator, index, output=False)
            if tensor_name in elements and elements[tensor_name][:2] != wanted[:2]:
                raise UserError(
                    f"producer and consumer disagree on a stream: {elements[tensor_name]} against {wanted}",
                    tensor_name,
                    "insert width converters before stitching",
                )
            elements.setdefault(tensor_name, wanted)
    images = sum(tensor.name not in initializers for tensor in model.graph.input)
    for position, tensor_name in enumerate(memory):
        producers[tensor_name] = Endpoint(OUTSIDE, images + position)
    for position, tensor in enumerate(model.graph.output):
        consumers[tensor.name] = Endpoint(OUTSIDE, position)

    def stream_name(tensor_name: str) -> str:
        source, sink = producers[tensor_name], consumers[tensor_name]
        if source.instance != OUTSIDE:
            return f"{source.instance}_out{source.index}"
        if tensor_name in memory:
            return f"{sink.instance}_weights"
        return f"input{source.index}" if sink.instance != OUTSIDE else f"through{source.index}"

    ordered = [t for t in producers if t in consumers]
    streams = tuple(
        Stream(
            name=stream_name(t),
            tensor=t,
            shape=elements[t][2],
            element=elements[t][0],
            lanes=elements[t][1],
            source=producers[t],
            sink=consumers[t],
        )
        for t in ordered
    )

    def ports(groups: tuple[PortGroup, ...], tensors: Any) -> tuple[StreamPort, ...]:
        return tuple(StreamPort(g.prefix, tuple(stream_name(tensors[i]) for i in g.streams)) for g in groups)

    instances = []
    for instance, node, operator in zip(names, nodes, operators, strict=True):
        ends = (producers[node.input[0]].instance, consumers[node.output[0]].instance)
        if operator.in_memory() and OUTSIDE in ends:
            raise UserError(
                "a FIFO at the accelerator's own input or output cannot wait in the board's memory",
                node.name,
                "take its ram_style `memory` out of the folding configuration",
            )
        units, macs = operator.products()
        instances.append(
            Instance(
                name=instance,
                op_type=node.op_type,
                module=operator.module,
                parameters=dict(operator.rtl_parameters()),
                memories=tuple(instance + suffix for suffix in operator.memories(model)),
                sources=() if operator.in_memory() else tuple(path.name for path in operator.sources),
                inputs=ports(operator.input_ports(), node.input),
                outputs=ports(operator.output_ports(), node.output),
                layer=layers[instance],
                expected_cycles=int(operator.get_exp_cycles()),
                macs=macs,
                mac_units=units,
                cost=asdict(operator.cost_of(model)),
                role=operator.role,
                in_memory=operator.in_memory(),
                network_layer=noted_layer(node),
            )
        )
    return Accelerator(
        name=name,
        instances=tuple(instances),
        streams=streams,
        inputs=tuple(stream_name(t.name) for t in model.graph.input if t.name in consumers),
        outputs=tuple(stream_name(t.name) for t in model.graph.output),
        sources=_all_sources(instances, name),
        memory=tuple(stream_name(t) for t in memory),
    )


def _operator(node: Any) -> RtlOperator:
    operator = getCustomOp(node)
    if not isinstance(operator, RtlOperator):
        raise UserError(f"operator {node.op_type} has no portable RTL", node.name, "specialize the layers first")
    return operator


def _format(operator: RtlOperator, index: int, output: bool) -> tuple[Element, int, tuple[int, ...]]:
    if output:
        datatype = operator.get_output_datatype(index)
        folded, normal = operator.get_folded_output_shape(index), operator.get_normal_output_shape(index)
    else:
        datatype = operator.get_input_datatype(index)
        folded, normal = operator.get_folded_input_shape(index), operator.get_normal_input_shape(index)
    if not datatype.is_integer():
        raise UserError(f"a stream carries {datatype.name}, not integers", operator.onnx_node.name)
    return Element(datatype.bitwidth(), bool(datatype.signed())), int(folded[-1]), tuple(int(d) for d in normal)


def _identifiers(names: list[str]) -> list[str]:
    """SystemVerilog identifiers for node names, which may hold anything: OpenMVAU_rtl_3 becomes MVAU_3."""
    taken: set[str] = set()
    result = []
    for position, name in enumerate(names):
        short = re.sub(r"^Open(\w+)_rtl", r"\1", name)
        short = re.sub(r"[^A-Za-z0-9_]", "_", short) or "operator"
        if not short[0].isalpha():
            short = f"op_{short}"
        unique = short[:80]
        if unique in taken:
            unique = f"{unique}_{position}"
        taken.add(unique)
        result.append(unique)
    return result


def _layers(model: ModelWrapper, names: list[str], roles: list[Role]) -> dict[str, str]:
    """For each instance the layer it serves: thresholds belong to the matrix before them, movers to the one behind."""
    nodes = list(model.graph.node)
    at = {id(node): position for position, node in enumerate(nodes)}
    by_input = {tensor: node for node in nodes for tensor in node.input}
    by_output = {tensor: node for node in nodes for tensor in node.output}

    def follow(node: Any, forward: bool) -> str | None:
        seen = 0
        while node is not None and seen <= len(nodes):
            if roles[at[id(node)]] is Role.MATRIX:
                return names[at[id(node)]]
            node = by_input.get(node.output[0]) if forward else by_output.get(node.input[0])
            seen += 1
        return None

    layers = {}
    for node, name, role in zip(nodes, names, roles, strict=True):
        forward = role is not Role.THRESHOLDS
        layers[name] = follow(node, forward) or follow(node, not forward) or name
    return layers


def _all_sources(instances: list[Instance], top: str) -> tuple[str, ...]:
    files: dict[str, None] = {}
    for instance in instances:
        files.update(dict.fromkeys(instance.sources))
    return (*files, f"{top}.sv")
