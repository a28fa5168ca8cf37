# SPDX-License-Identifier: BSD-3-Clause
"""The process that runs FINN's Zynq build: `python -m hw_flows.amd.finn.worker JOB.json`.

FINN keeps its settings in the environment and in globals, forks, and starts Vivado and Vitis HLS through shell scripts
without a time limit. A process of its own keeps that away from ours, and can be ended as a whole.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hw_flows.operators.names import is_own
from quantunet_common.files import write_text_atomically

DMA = "IODMA_hls"


@dataclass(frozen=True)
class WorkerJob:
    """What the worker is told; paths as text, absolute."""

    model: str
    """The dataflow graph, as `step_set_fifo_depths` leaves it."""
    build_dir: str
    """FINN_BUILD_DIR: everything FINN writes."""
    board: str
    """FINN's name of the board."""
    part: str
    period_ns: float
    result: str
    """Where the WorkerResult is written."""
    operators: list[str]
    """Folders of operators that are not in this package, absolute."""

    def save(self, path: Path) -> None:
        write_text_atomically(path, json.dumps(asdict(self), indent=1))


@dataclass(frozen=True)
class WorkerResult:
    """Where FINN left what it made."""

    bitfile: str
    hwh: str
    project: str
    """The Vivado project of the whole design."""
    driver: str
    """Folder with `settings.json` for FINN's driver."""
    operators: list[str]
    """Names of our operators inside the stitched IP."""


def main(arguments: list[str]) -> int:
    """Exit status 0 with the result written, or 1 with what went wrong as the last lines of the output."""
    job = WorkerJob(**json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    try:
        result = run(job)
    except Exception as error:  # FINN raises every kind, Exception itself included
        traceback.print_exc(file=sys.stdout)
        print(f"ERROR: {type(error).__name__}: {error}")
        return 1
    write_text_atomically(Path(job.result), json.dumps(asdict(result), indent=1))
    return 0


def run(job: WorkerJob) -> WorkerResult:
    """FINN's ZynqBuild and driver for the graph. Raises what FINN raises."""
    # FINN's workers are to find our operators registered, which only a fork inherits
    multiprocessing.set_start_method("fork", force=True)
    from hw_flows.finn_environment import prepare_finn
    from hw_flows.operators import add_folder, register

    prepare_finn(Path(job.build_dir))
    for folder in job.operators:
        add_folder(Path(folder))
    register()
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
    logging.getLogger("finn_logger").setLevel(logging.INFO)
    from finn.transformation.fpgadataflow.make_driver import MakePYNQDriver
    from finn.transformation.fpgadataflow.make_zynq_proj import ZynqBuild
    from qonnx.core.modelwrapper import ModelWrapper

    model = ModelWrapper(job.model)
    require_only_ours(model, job.board, job.part)
    partitions = Path(job.build_dir) / "partitions"
    partitions.mkdir(exist_ok=True)
    model = model.transform(ZynqBuild(job.board, job.period_ns, partition_model_dir=partitions))
    model = model.transform(MakePYNQDriver("zynq-iodma", "FINNDMAOverlay", clk_period_ns=job.period_ns))
    return WorkerResult(
        bitfile=model.get_metadata_prop("bitfile"),
        hwh=model.get_metadata_prop("hw_handoff"),
        project=model.get_metadata_prop("vivado_pynq_proj"),
        driver=model.get_metadata_prop("pynq_driver_dir"),
        operators=_operators(model),
    )


def require_only_ours(model: Any, board: str, part: str) -> None:
    """FINN's own preparation of the graph adds its DMA at both ends and nothing else, or a ValueError says what.

    FINN compares the shape and width of every stream with its neighbour's and inserts a converter of its own where they
    differ: then our FIFO depths no longer hold, and its converter was never verified here. Nor may two neighbours
    disagree about the number of bits that go over the wires.
    """
    from copy import deepcopy

    from finn.transformation.fpgadataflow.insert_dwc import InsertDWC
    from finn.transformation.fpgadataflow.insert_fifo import InsertFIFO
    from finn.transformation.fpgadataflow.insert_iodma import InsertIODMA
    from finn.transformation.fpgadataflow.specialize_layers import SpecializeLayers
    from finn.util.basic import pynq_native_port_width

    prepared = deepcopy(model)
    for transformation in (InsertIODMA(pynq_native_port_width[board]), InsertDWC(), SpecializeLayers(part)):
        prepared = prepared.transform(transformation)
        _require_ours(prepared)
    _require_equal_widths(prepared)
    # FINN looks for missing FIFOs within a partition, where the DMA is not
    _require_ours(deepcopy(model).transform(InsertFIFO()))


def _require_ours(model: Any) -> None:
    added = [n.op_type for n in model.graph.node if not is_own(n.op_type) and n.op_type != DMA]
    if added:
        raise ValueError(f"FINN added operators of its own: {', '.join(sorted(set(added)))}")


def _require_equal_widths(model: Any) -> None:
    """Both ends of every stream have the same number of wires, as FINN's IP integrator needs."""
    from qonnx.custom_op.registry import getCustomOp

    for node in model.graph.node:
        sink = getCustomOp(node)
        for i, tensor in enumerate(node.input):
            producer = model.find_producer(tensor)
            if producer is None:
                continue
            source = getCustomOp(producer)
            j = list(producer.output).index(tensor)
            given, taken = source.get_outstream_width_padded(j), sink.get_instream_width_padded(i)
            if given != taken:
                raise ValueError(f"{producer.name} gives {given} wires, {node.name} takes {taken}")


def _operators(model: Any) -> list[str]:
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.custom_op.registry import getCustomOp

    names = []
    for partition in model.get_nodes_by_op_type("StreamingDataflowPartition"):
        kernel = ModelWrapper(getCustomOp(partition).get_nodeattr("model"))
        names += [node.name for node in kernel.graph.node if is_own(node.op_type)]
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
