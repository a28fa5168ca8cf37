# SPDX-License-Identifier: BSD-3-Clause
"""A grid of configurations of one operator, in one compiled simulator, against the operator's Python model.

    check([Case("OpenStreamingFIFO_rtl", dict(depth=4, folded_shape=[1, 4, 4, 2, 3], ...)), ...], tmp_path)

Every case becomes an independent operator of one `Accelerator` with inputs and outputs of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.util.basic import gen_finn_dt_tensor, qonnx_make_model

from hw_flows.accelerator import Accelerator, Role
from hw_flows.families import find_family
from hw_flows.fifo_sizing import TimingModel
from hw_flows.fifo_sizing.timing_model import FrameTiming
from hw_flows.graph_surgery import as_container
from hw_flows.operators import RTL_DOMAIN, register
from hw_flows.operators.case import Case
from hw_flows.simulate import RunOptions, SimulationResult, compile_simulator, run
from hw_flows.stitch import describe, write_operators, write_top
from hw_flows.synthesize import write_netlists

FULL_SPEED = RunOptions(check_protocol=True)
STALLS = RunOptions(stall_probability=0.4, seed=3, check_protocol=True)
#: Cycles in which the simulation holds reset before the first one that counts for the timing model.
RESET_CYCLES = 4
RESET_IN_FLIGHT = RunOptions(stall_probability=0.2, seed=5, reset_at=(37, 150, 411), check_protocol=True)
#: Everything fills up before the first word is taken.
HELD = RunOptions(hold_outputs=700, check_protocol=True)
MODES = (FULL_SPEED, STALLS, RESET_IN_FLIGHT, HELD)


def _node(case: Case, k: int) -> Any:
    ins = [f"case{k}_in{i}" for i in range(case.data_inputs)]
    names = [f"case{k}_const{i}" for i in range(len(case.constants))]
    outs = [f"case{k}_out{i}" for i in range(case.outputs)]
    return helper.make_node(
        case.op_type,
        [*ins, *names],
        outs,
        name=f"case{k}",
        domain=RTL_DOMAIN,
        backend="fpgadataflow",
        **case.attributes,
    )


def rtl_operator(case: Case) -> Any:
    """The operator of a case by itself, called case0."""
    register()
    return getCustomOp(_node(case, 0))


def build_model(cases: Sequence[Case]) -> ModelWrapper:
    """One graph with every case as a node of its own; node k is called case<k>."""
    register()
    nodes, inputs, outputs, constants = [], [], [], []
    for k, case in enumerate(cases):
        node = _node(case, k)
        ins, names = node.input[: case.data_inputs], node.input[case.data_inputs :]
        outs = node.output
        operator = getCustomOp(node)
        nodes.append(node)
        constants += [(n, v, dt) for n, (v, dt) in zip(names, case.constants, strict=True)]
        inputs += [(n, operator.get_normal_input_shape(i)) for i, n in enumerate(ins)]
        outputs += [(n, operator.get_normal_output_shape(i)) for i, n in enumerate(outs)]

    def info(name: str, shape: Any) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [int(d) for d in shape])

    graph = helper.make_graph(nodes, "cases", [info(*i) for i in inputs], [info(*o) for o in outputs])
    model = ModelWrapper(qonnx_make_model(graph))
    for name, values, datatype in constants:
        model.set_initializer(name, as_container(values))
        model.set_tensor_datatype(name, DataType[datatype])
    return model


def reference(model: ModelWrapper, cases: Sequence[Case], frames: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Random (or given) inputs and what the Python models make of them: tensor name -> (frames, *shape)."""
    np.random.seed(seed)
    tensors: dict[str, list[np.ndarray]] = {}
    for frame in range(frames):
        for case, node in zip(cases, model.graph.node, strict=True):
            operator = getCustomOp(node)
            context: dict[str, Any] = {n.name: model.get_initializer(n.name) for n in model.graph.initializer}
            for i in range(case.data_inputs):
                shape = tuple(int(d) for d in operator.get_normal_input_shape(i))
                if case.stimulus is not None:
                    value = case.stimulus[i][frame].astype(np.float32).reshape(shape)
                else:
                    value = as_container(gen_finn_dt_tensor(operator.get_input_datatype(i), shape))
                context[node.input[i]] = value
                tensors.setdefault(node.input[i], []).append(value)
            for i, name in enumerate(node.output):
                shape = tuple(int(d) for d in operator.get_normal_output_shape(i))
                context[name] = np.zeros(shape, np.float32)
            operator.execute_node(context, model.graph)
            for name in node.output:
                tensors.setdefault(name, []).append(context[name])
    return {name: np.stack(values) for name, values in tensors.items()}


def write_design(cases: Sequence[Case], folder: Path, name: str = "cases") -> tuple[ModelWrapper, Accelerator, Path]:
    model = build_model(cases)
    accelerator = describe(model, name)
    rtl = folder / "rtl"
    write_operators(model, accelerator, rtl)
    write_top(accelerator, rtl)
    return model, accelerator, rtl


def check(
    cases: Sequence[Case],
    folder: Path,
    *,
    frames: int = 3,
    modes: Sequence[RunOptions] = MODES,
) -> list[SimulationResult]:
    """Every case equals its Python model in every mode; returns the runs, full speed first."""
    model, accelerator, rtl = write_design(cases, folder)
    tensors = reference(model, cases, frames)
    simulator = compile_simulator(accelerator, rtl, jobs=1)
    return _run_all(simulator, tensors, modes, modelled_timing(accelerator, frames))


def modelled_timing(accelerator: Accelerator, frames: int) -> FrameTiming:
    """First and last words of every stream by the operators' own timing, words always offered and taken."""
    depths = {i.name: i.parameters["DEPTH"] for i in accelerator.instances if i.is_fifo}
    return TimingModel(accelerator).run(depths, frames, spans=True)


def faults(
    accelerator: Accelerator, result: SimulationResult, mode: RunOptions, timing: FrameTiming | None = None
) -> list[str]:
    """What is wrong with a run, a line each; `timing`: what was modelled, for runs at full speed."""
    found = [str(result.deadlock)] if result.deadlock else []
    found += map(str, result.mismatches)
    found += [f"stream without whole frames: {name}" for name in result.incomplete]
    found += [f"words changed or went away while they waited: {name}" for name in result.protocol_errors]
    if not result.finished:
        found.append(f"not finished after {result.cycles} cycles")
    for instance in accelerator.instances:
        if not instance.is_fifo:
            continue
        depth, words = (
            instance.parameters["DEPTH"],
            result.frames * accelerator.stream(instance.inputs[0].streams[0]).words,
        )
        peak, full = result.fifo_peaks[instance.name], min(depth, words)
        if peak > depth or (mode.hold_outputs >= full + 20 and peak < full):
            found.append(f"most words in {instance.name}: {peak} at a depth of {depth}")
    if timing is not None and mode == dataclasses.replace(FULL_SPEED, max_cycles=mode.max_cycles):
        for name, (begin, end) in timing.spans.items():
            expected = (begin + RESET_CYCLES, end + RESET_CYCLES)
            if result.spans[name] != expected:
                found.append(f"first and last word of {name} in cycles {result.spans[name]}, not {expected}")
        for name, peak in timing.peaks.items():
            if result.fifo_peaks[name] != peak:
                found.append(f"most words in {name}: {result.fifo_peaks[name]}, not {peak}")
    return found


def _run_all(
    simulator: Any, tensors: dict[str, np.ndarray], modes: Sequence[RunOptions], timing: FrameTiming | None = None
) -> list[SimulationResult]:
    results = []
    for mode in modes:
        result = run(simulator, tensors, mode)
        found = faults(simulator.accelerator, result, mode, timing)
        assert not found, f"{mode}:\n" + "\n".join(found)
        results.append(result)
    return results


def check_netlist(cases: Sequence[Case], folder: Path, *, frames: int = 2) -> None:
    """The synthesized xc7 netlist of every case equals the Python model (and so the RTL), at full speed and stalled."""
    model, accelerator, rtl = write_design(cases, folder)
    tensors = reference(model, cases, frames)
    netlists = write_netlists(accelerator.instances, rtl, rtl, family=find_family("xc7"), log=folder / "netlists.log")
    instances = tuple(
        dataclasses.replace(
            instance,
            module=netlists[instance.name].module,
            parameters={},
            memories=(),
            sources=(netlists[instance.name].path.name,),
            role=Role.OTHER,
        )
        for instance in accelerator.instances
    )
    cells = find_family("xc7").write_cell_models(folder / "cells.v")
    sources = tuple(source for i in instances for source in i.sources)
    gates = dataclasses.replace(accelerator, instances=instances, sources=(*sources, "cases.sv"))
    write_top(gates, rtl)
    simulator = compile_simulator(gates, rtl, jobs=1, extra_sources=(cells,))
    _run_all(simulator, tensors, (FULL_SPEED, STALLS))
