# SPDX-License-Identifier: BSD-3-Clause
"""How time, memory and resources of a build grow with the base width and with the image size.

    .venv/bin/python benchmarks/growth.py [--only 8x64 ...] [--target-fps 250] [--board pynq-z2] [--results FILE.json]
        [--markdown]

A network is named BASExSIZE[@BOARD]: base width 8 and images of 64x64 is 8x64. Networks are made on the spot, see
`networks.py`. Every build is its own process, goes from the checkpoint to the synthesized resource report and starts with
an empty cache; the frame rate asked for is the same for all, so resources show what a network costs. Results are kept in
FILE.json after each network: run it in pieces with --only and see the whole table at the end. A network that cannot be
built keeps its row, with qu-build's own words.

Times are of the processor, summed over all processes of a build, so that others on the machine change them little; with
them stands the time on the wall. Memory is the largest sum over all processes, sampled ten times a second. Both are of one
machine; cycles and resources are the same everywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from memory_watch import MemoryWatch
from networks import random_images, random_network
from tables import table

from hw_flows.accelerator import Accelerator
from hw_flows.build import Listener, build
from hw_flows.build.state import StepRecord
from hw_flows.config import load_config
from hw_flows.machine.errors import UserError
from hw_flows.report.files import read_report
from hw_flows.simulate import compile_simulator
from hw_flows.simulate.run import run_words

NETWORKS = ("4x64", "8x64", "16x64", "16x64@genesys2", "4x128", "4x256")
FRAMES = 2
#: Columns of time: title, steps.
STAGES = {
    "front end": (
        "step_qonnx_cleanup",
        "step_qonnx_to_finn",
        "step_streamline",
        "step_lower",
        "step_convert_to_hw",
        "step_create_dataflow_partition",
        "step_minimize_bit_width",
        "step_specialize_layers",
    ),
    "folding": ("step_apply_folding",),
    "FIFO depths": ("step_set_fifo_depths",),
    "compile": ("compile",),
    "verify": ("step_verify",),
    "synthesis": ("step_synthesize",),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", default=list(NETWORKS), metavar="BASExSIZE[@BOARD]", help=f"default: {NETWORKS}"
    )
    parser.add_argument("--target-fps", type=float, default=250.0)
    parser.add_argument("--board", default="pynq-z2")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--limit-minutes", type=float, default=60.0, help="for one network")
    parser.add_argument("--results", type=Path, default=Path("builds/growth.json"))
    parser.add_argument("--show", action="store_true", help="only print the results kept")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker is not None:
        print(json.dumps(measure(options.only[0], options.board, options.target_fps, options.jobs, options.worker)))
        return
    known: dict[str, Any] = json.loads(options.results.read_text()) if options.results.is_file() else {}
    for name in [] if options.show else options.only:
        known[name] = in_own_process(name, options)
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(known, indent=1))
    show(known, options.markdown)


def in_own_process(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """One network, built by this script in a new process, so that memory is its own; `error` where that failed."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="qu-growth-") as folder:
        command = [
            sys.executable,
            __file__,
            "--worker",
            folder,
            "--only",
            name,
            "--board",
            options.board,
            "--target-fps",
            str(options.target_fps),
            "--jobs",
            str(options.jobs),
        ]
        try:
            ended = subprocess.run(
                command,
                stdout=subprocess.PIPE,
                text=True,
                timeout=60 * options.limit_minutes,
                check=False,
                env={**os.environ, "QU_CACHE": str(Path(folder) / "cache")},
            )
        except subprocess.TimeoutExpired:
            return {"error": f"not done after {options.limit_minutes:g} minutes"}
        if ended.returncode != 0:
            return {"error": f"exited with status {ended.returncode}"}
        return dict(json.loads(ended.stdout.splitlines()[-1]))


def parts_of(name: str, board: str) -> tuple[int, int, str]:
    """Base width, image size and board of BASExSIZE[@BOARD]."""
    network, _, own_board = name.partition("@")
    base, size = network.split("x")
    return int(base), int(size), own_board or board


def measure(name: str, board: str, target_fps: float, jobs: int, folder: Path) -> dict[str, Any]:
    """Build one network in `folder` and tell what it took."""
    from quantunet.checkpoint import save_checkpoint

    description = folder / "build" / "rtl" / "accelerator.json"
    base, size, board = parts_of(name, board)
    save_checkpoint(folder / "network", random_network(base, (size, size)))
    images = random_images(FRAMES, (size, size), folder / "images.npy")
    watch = MemoryWatch()
    processor: dict[str, float] = {}
    marks = [processor_seconds()]

    class Phases(Listener):
        def step_started(self, number: int, total: int, name: str) -> None:
            watch.phase = name
            marks.append(processor_seconds())

        def step_ended(self, record: StepRecord) -> None:
            if record.status in ("done", "failed"):
                processor[record.name] = processor_seconds() - marks[-1]

    def run(stop_step: str | None = None) -> tuple[str, ...]:
        settings: dict[str, object] = {
            "model": folder / "network",
            "board": board,
            "output_dir": folder / "build",
            "frames": FRAMES,
            "verify_input_npy": images,
            "target_fps": target_fps,
            "flow": "none",
            "jobs": jobs,
            "stop_step": stop_step,
        }
        return build(load_config(None, settings), Phases()).failures

    result: dict[str, Any] = {"board": board, "target_fps": target_fps}
    watch.start()
    started = time.monotonic()
    try:
        failures = run("step_stitch")
        if not failures:
            watch.phase = "compile"
            marks.append(processor_seconds())
            compiled = time.monotonic()
            compile_simulator(Accelerator.load(description), description.parent, jobs=jobs)
            result["compile_wall"] = time.monotonic() - compiled
            processor["compile"] = processor_seconds() - marks[-1]
            failures = run()
        if failures:
            result["error"] = failures[0]
    except UserError as error:
        result["error"] = str(error)
    result["wall"] = time.monotonic() - started
    result["megabytes"] = {phase: round(peak / 2**20) for phase, peak in watch.stop().items()}
    if "error" not in result:
        result["cycles_per_second"] = simulation_speed(folder / "build")
    return {**result, "seconds": processor, **reports(folder / "build")}


def processor_seconds() -> float:
    """Processor time of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def simulation_speed(output: Path) -> float:
    """Cycles a second of processor time at full speed, every stream compared."""
    rtl = output / "rtl"
    simulator = compile_simulator(Accelerator.load(rtl / "accelerator.json"), rtl)
    started = processor_seconds()
    return run_words(simulator, output / "verification" / "expected", FRAMES).cycles / (processor_seconds() - started)


def reports(output: Path) -> dict[str, Any]:
    """What the tables need of the reports of a build, as far as it went."""
    found: dict[str, Any] = {}
    description = output / "rtl" / "accelerator.json"
    if description.is_file():
        accelerator = Accelerator.load(description)
        found["operators"] = sum(i.module != "qu_fifo" for i in accelerator.instances)
        found["streams"] = len(accelerator.streams)
    for kind, keys in {
        "performance": ("cycles_per_frame", "predicted_cycles_per_frame", "macs_per_frame", "mac_utilization"),
        "verification": ("bit_exact",),
        "resources": ("total", "fits"),
    }.items():
        report = read_report(output, kind) or {}
        found |= {key: report[key] for key in keys if key in report}
    return found


def show(known: dict[str, Any], markdown: bool) -> None:
    names = sorted(known, key=lambda name: parts_of(name, "")[1::-1] + parts_of(name, "")[2:])
    good = [name for name in names if "error" not in known[name]]
    rows = [(name, known[name]) for name in good]
    print(
        table(
            "What is built, at the same frame rate",
            (
                "network",
                "board",
                "frames/s asked",
                "million products",
                "cycles/frame",
                "products busy",
                "LUT",
                "FF",
                "LUTRAM",
                "RAMB36",
                "DSP",
                "fits",
                "bit-exact",
            ),
            [hardware(name, row) for name, row in rows],
            markdown,
        )
    )
    print(
        table(
            "Seconds of the processor, from an empty cache",
            ("network", *STAGES, "all steps", "on the wall"),
            [(name, *stage_seconds(row), sum(row["seconds"].values()), row["wall"]) for name, row in rows],
            markdown,
        )
    )
    print(
        table(
            "Memory, MB at most",
            ("network", *STAGES),
            [
                (
                    name,
                    *(max((row["megabytes"].get(step, 0) for step in steps), default=0) for steps in STAGES.values()),
                )
                for name, row in rows
            ],
            markdown,
        )
    )
    print(
        table(
            "Simulation at full speed, every stream compared (processor time)",
            (
                "network",
                "operators",
                "streams",
                "cycles/s",
                "seconds a frame",
            ),
            [simulation(name, row) for name, row in rows],
            markdown,
        )
    )
    for name in names:
        if "error" in known[name]:
            print(f"{name}: {known[name]['error']}\n")


def hardware(name: str, row: dict[str, Any]) -> tuple[object, ...]:
    total = row["total"]
    return (
        name.partition("@")[0],
        row["board"],
        row["target_fps"],
        row["macs_per_frame"] / 1e6,
        row["cycles_per_frame"],
        f"{row['mac_utilization']:.0%}",
        *(total[key] for key in ("LUT", "FF", "LUTRAM", "BRAM36", "DSP")),
        row["fits"],
        row["bit_exact"],
    )


def stage_seconds(row: dict[str, Any]) -> list[float]:
    """Of each column; the compilation is measured by itself, so the verification takes it from the cache."""
    return [sum(row["seconds"][step] for step in steps) for steps in STAGES.values()]


def simulation(name: str, row: dict[str, Any]) -> tuple[object, ...]:
    speed = row["cycles_per_second"]
    return (name, row["operators"], row["streams"], round(speed), row["cycles_per_frame"] / speed)


if __name__ == "__main__":
    main()
