# SPDX-License-Identifier: BSD-3-Clause
"""Our folding against FINN's SetFolding: same network, same budget, same cost model.

    .venv/bin/python benchmarks/folding.py [--board pynq-z2] [--share 0.5]
        [--network demo|reference|CHECKPOINT|FILE.onnx]

FINN's SetFolding runs for a sweep of targets on FINN's own operators: its rules, its cycle estimates, its limit on the
width of weights. The PE, SIMD and parallel windows that it sets are put on our operators, whose cycles and cost are
counted; the fastest of the sweep that fits the budget is its result. It is helped where it has no rule: the upsampler
and the operators that FINN lacks (max-pool with stride equal to kernel, pixel shuffle) are never its bottleneck and are
chosen as ours are. "As FINN runs it": FINN's default limit of 36 bits and default styles. "Helped": limits up to none at
all, and styles of all operators, products in LUT or DSP and the kind of memory, chosen as ours.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import redirect_stdout
from copy import deepcopy
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hw_flows.boards import load_board
from hw_flows.finn_environment import prepare_finn
from hw_flows.folding import Folding, budget_of, fastest, folding_problem
from hw_flows.folding.network import styles
from hw_flows.folding.problem import RESOURCES, Amounts, Problem
from hw_flows.operators import RTL_DOMAIN
from hw_flows.operators.base import Attributes
from hw_flows.operators.names import finn_name
from quantunet.checkpoints import DEMO, REFERENCE

#: Step of the sweep of targets.
RATIO = 1.1
#: Limits on the bits of weights that a PE reads a cycle (`mvau_wwidth_max`): FINN's default, and what a user may try.
DEFAULT_WIDTH, WIDTHS = 36, (36, 72, 144, 288, 8191)
#: What FINN's SpecializeLayers makes of the operators on this device; without it FINN lacks the operator.
FINN_BACKENDS = {
    "MVAU": "rtl",
    "Thresholding": "rtl",
    "FMPadding": "rtl",
    "ConvolutionInputGenerator": "rtl",
    "DuplicateStreams": "hls",
    "StreamingConcat": "hls",
    "UpsampleNearestNeighbour": "hls",
}
#: Operators of which SetFolding knows nothing.
NO_RULE = (
    "UpsampleNearestNeighbour",
    "BilinearUpsample",
    "StreamingMaxPool",
    "PixelShuffle",
    "ImageCrop",
    "EdgePadding",
)

CHECKPOINTS = {"demo": DEMO, "reference": REFERENCE}

#: What SetFolding sets.
LANES = ("SIMD", "PE", "parallel_window")
#: Node name -> values of LANES.
Folds = dict[str, Attributes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", default="pynq-z2")
    parser.add_argument("--network", action="append", help="default: demo and reference, the trained ones")
    parser.add_argument("--share", type=float, action="append", help="part of the board's budget; may be repeated")
    options = parser.parse_args()
    board = load_board(options.board)
    with tempfile.TemporaryDirectory(prefix="qu-benchmark-") as folder:
        prepare_finn(Path(folder) / "finn")
        for name in options.network or ["demo", "reference"]:
            model = hardware_graph(name, Path(folder))
            started = time.monotonic()
            problem = folding_problem(model)
            print(f"\n{name}: {len(problem.operators)} operators, options listed in {time.monotonic() - started:.1f} s")
            most = 64 * problem.least_cycles
            foldings = {width: finn_foldings(model, problem.least_cycles // 2, most, width) for width in WIDTHS}
            for share in options.share or [1.0, 0.75, 0.5]:
                budget = tuple(share * amount for amount in budget_of(board))
                compare(model, problem, foldings, budget, f"{share:.0%} of the budget of {board.title}")


def hardware_graph(name: str, folder: Path) -> Any:
    """The network after every step before folding."""
    from qonnx.core.modelwrapper import ModelWrapper

    from hw_flows.steps import STEP_NAMES, load_step
    from quantunet.checkpoint import load_checkpoint
    from quantunet.export import export_qonnx

    file = Path(name)
    if not name.endswith(".onnx"):
        file = folder / f"{file.name}.onnx"
        network = load_checkpoint(CHECKPOINTS.get(name, Path(name)))
        export_qonnx(network, file)
    model = ModelWrapper(str(file))
    for step in STEP_NAMES[: STEP_NAMES.index("step_apply_folding")]:
        model = load_step(step)(model, SimpleNamespace(output_dir=str(folder)))
    return model


def finn_foldings(model: Any, least: int, most: int, width: int) -> list[Folds]:
    """What SetFolding sets for targets from `least` to `most` cycles, `width` bits of weights a PE at most."""
    from finn.transformation.fpgadataflow.set_folding import SetFolding
    from qonnx.custom_op.registry import getCustomOp

    found: list[Folds] = []
    target = float(least)
    while target < most:
        finns = as_finns(model)
        names = [node.name for node in finns.graph.node]
        with redirect_stdout(StringIO()):
            folded = finns.transform(SetFolding(int(target), width))
        folds: Folds = {}
        for name, node in zip(names, folded.graph.node, strict=True):
            if node.domain.startswith("finn.") and finn_name(node.op_type) not in NO_RULE:
                operator = getCustomOp(node)
                types = operator.get_nodeattr_types()
                folds[name] = tuple((a, int(operator.get_nodeattr(a))) for a in LANES if a in types)
        if folds not in found:
            found.append(folds)
        target *= RATIO
    return found


def as_finns(model: Any) -> Any:
    """Our RTL operators under FINN's names and domains; what FINN lacks stays, and SetFolding passes it by."""
    from qonnx.custom_op.registry import getCustomOp

    finns = deepcopy(model)
    for node in finns.graph.node:
        kind = finn_name(node.op_type)
        if kind in FINN_BACKENDS:
            backend = FINN_BACKENDS[kind]
            node.op_type, node.domain = f"{kind}_{backend}", f"finn.custom_op.fpgadataflow.{backend}"
        elif node.domain == RTL_DOMAIN:
            operator = getCustomOp(node)
            lanes = next(a for a in LANES if a in operator.get_nodeattr_types())
            operator.set_nodeattr(lanes, operator.get_nodeattr("NumChannels"))
    return finns


def compare(model: Any, problem: Problem, foldings: dict[int, list[Folds]], budget: Amounts, title: str) -> None:
    print(f"  {title}: " + ", ".join(f"{b:,.0f} {r}" for r, b in zip(RESOURCES, budget, strict=True)))
    started = time.monotonic()
    ours = fastest(problem, budget)
    seconds = time.monotonic() - started
    if not isinstance(ours, Folding):
        print(f"    does not fit: {ours.over}")
        return
    show("ours", ours, f"bound {ours.bound_cycles:,}, limited by {', '.join(ours.limited_by)}; {seconds:.1f} s")
    for helped in (False, True):
        words = "SetFolding, helped" if helped else "SetFolding, as FINN runs it"
        tried = [folds for width in (WIDTHS if helped else [DEFAULT_WIDTH]) for folds in foldings[width]]
        found = [fastest(folding_problem(model, settled(model, folds, helped)), budget) for folds in tried]
        fitting = [folding for folding in found if isinstance(folding, Folding)]
        if not fitting:
            print(f"    {words:36} none of {len(tried)} fits")
            continue
        best = min(fitting, key=lambda folding: folding.cycles)
        show(words, best, f"{best.cycles / ours.cycles:.2f} times ours")


def settled(model: Any, folds: Folds, helped: bool) -> dict[str, list[Attributes]]:
    """The options that SetFolding leaves: one a node, or one for each of its styles."""
    from qonnx.custom_op.registry import getCustomOp

    nodes = {node.name: node for node in model.graph.node}
    return {
        name: [(*lanes, *style) for style in styles(getCustomOp(nodes[name]))] if helped else [lanes]
        for name, lanes in folds.items()
    }


def show(words: str, folding: Folding, remark: str) -> None:
    used = ", ".join(f"{u:,.0f} {r}" for r, u in zip(RESOURCES, folding.used, strict=True))
    print(f"    {words:36} {folding.cycles:>10,} cycles/frame  {used}  ({remark})")


if __name__ == "__main__":
    main()
