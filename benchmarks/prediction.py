# SPDX-License-Identifier: BSD-3-Clause
"""What the models predict against what simulation and synthesis measure: cycles, latency and resources.

    .venv/bin/python benchmarks/prediction.py [BUILD_DIR...] [--stall 0.3] [--markdown]

Each BUILD_DIR is the output folder of a finished build; without one the demo is built. `folding` is the estimate that the
folding optimizes, before there are width converters and FIFOs; `timing model` is the cycle-accurate model that FIFO
depths are searched on; `rtlsim` runs the RTL under Verilator. Resources are predicted by the operators' cost models and
counted by Yosys, operator by operator. All figures are the same everywhere.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tables import percent, table

from hw_flows.accelerator import Accelerator
from hw_flows.build import build
from hw_flows.config import load_config
from hw_flows.fifo_sizing.timing_model import TimingModel
from hw_flows.report.files import read_report
from hw_flows.simulate import RunOptions, compile_simulator
from hw_flows.simulate.run import run_words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", type=Path, nargs="*", metavar="BUILD_DIR")
    parser.add_argument("--stall", type=float, default=0.3, help="chance of a stall per cycle in the stalled run")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    with finished_builds(options.builds) as builds:
        for folder in builds:
            show_cycles(folder, options.stall, options.markdown)
            show_resources(folder, options.markdown)


@contextmanager
def finished_builds(given: list[Path]) -> Iterator[list[Path]]:
    """The folders given; without one the demo, built for the time being."""
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="qu-benchmark-") as work:
        config = Path(__file__).parent.parent / "build_configs" / "demo.yaml"
        folder = Path(work) / "demo"
        build(load_config(config, {"output_dir": folder, "jobs": os.cpu_count() or 1, "flow": "none"}))
        yield [folder]


def show_cycles(folder: Path, stall: float, markdown: bool) -> None:
    """Steady interval and latency of frames, at full speed and with stalls on both sides."""
    rtl = folder / "rtl"
    accelerator = Accelerator.load(rtl / "accelerator.json")
    frames = (read_report(folder, "verification") or {})["frames"]
    folding = max(i.expected_cycles for i in accelerator.instances)
    model = TimingModel(accelerator)
    depths = {name: fifo.parameters["DEPTH"] for name, fifo in model.fifos.items()}
    simulator = compile_simulator(accelerator, rtl)
    rows: list[tuple[object, ...]] = []
    for title, chance in (("full speed", 0.0), (f"stalls {stall:.0%}", stall)):
        estimate = model.run(depths, frames, stall_probability=chance, spans=True)
        measured = run_words(simulator, folder / "verification" / "expected", frames, RunOptions(chance))
        assert measured.exact, "the build does not compute what its network does: run qu-sim on it"
        offset = measured.frame_start[0] - estimate.frame_start[0]  # cycles of reset, which the model has not
        agreeing = sum(
            (begin - offset, end - offset) == estimate.spans[name] for name, (begin, end) in measured.spans.items()
        )
        first, last = (measured.frame_end[i] - offset for i in (0, -1))
        rows += [
            (f"{title}: cycles a frame, {model_name}", value, interval, percent(value, interval))
            for interval in [measured.cycles_per_frame]
            for model_name, value in (("folding", folding), ("timing model", round(estimate.cycles_per_frame or 0)))
        ]
        rows += [
            (f"{title}: end of frame {number}, timing model", value, end, percent(value, end))
            for number, value, end in ((1, estimate.frame_end[0], first), (frames, estimate.frame_end[-1], last))
        ]
        rows.append(
            (
                f"{title}: streams whose first and last word are due in the cycle in which they come",
                agreeing,
                len(measured.spans),
                None,
            )
        )
    header = ("cycles", "predicted", "rtlsim", "error")
    print(table(f"{folder.name}: {frames} frames back to back", header, rows, markdown))


def show_resources(folder: Path, markdown: bool) -> None:
    """Predicted and synthesized resources, in all and by kind of operator."""
    counted = read_report(folder, "resources")
    if counted is None:
        return
    accelerator = Accelerator.load(folder / "rtl" / "accelerator.json")
    cost = {i.name: i.cost for i in accelerator.instances}
    names = ("LUT", "FF", "LUTRAM", "BRAM36", "DSP")
    kinds = sorted({row["op_type"] for row in counted["operators"]})
    rows: list[tuple[object, ...]] = []
    for kind in [*kinds, "all"]:
        chosen = [row for row in counted["operators"] if kind in (row["op_type"], "all")]
        cells: list[object] = [kind, len(chosen)]
        for name in names:
            predicted = sum(predicted_amount(cost[row["name"]], name) for row in chosen)
            measured = sum(row.get(name, 0) for row in chosen)
            cells += [f"{predicted:,.5g} / {measured:,.5g}", percent(predicted, measured) if measured else None]
        rows.append(tuple(cells))
    header = ("operators", "number", *(cell for name in names for cell in (name, "error")))
    print(table(f"{folder.name}: resources, predicted / synthesized", header, rows, markdown))


def predicted_amount(cost: dict[str, float], name: str) -> float:
    """A cost in the terms of `report/resources.json`, whose LUT includes LUTs used as memory."""
    if name == "LUT":
        return cost["lut"] + cost["lutram"]
    return cost[name.lower()]


if __name__ == "__main__":
    main()
