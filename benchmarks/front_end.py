# SPDX-License-Identifier: BSD-3-Clause
"""How processor time and memory of every step from the checkpoint to the RTL grow with the base width.

    .venv/bin/python benchmarks/front_end.py [--only 4 8 16 32 64] [--image-size 128] [--target-fps 10] [--results FILE.json]
        [--show] [--markdown]

Networks of depth 4 are made on the spot (`networks.py`) and built in a process each, for a board that holds any of them, up
to the generated RTL. Every step is checked as in any build. "inputs" is all before the first step: reading the checkpoint,
exporting it as QONNX, and the float64 answers that steps are checked with.

Seconds are of the processor, over all threads; memory is the most that was resident in the time of a step. Results are kept
in FILE.json after each network.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from growth import processor_seconds
from memory_watch import MemoryWatch
from networks import random_images, random_network
from tables import table

from hw_flows.build import Listener, build
from hw_flows.build.state import StepRecord
from hw_flows.config import load_config
from hw_flows.steps import STEP_NAMES

BASES = (4, 8, 16, 32, 64)
INPUTS = "inputs"
STEPS = (INPUTS, *STEP_NAMES[: STEP_NAMES.index("step_generate_rtl") + 1])
BOARD = """
name: limitless
title: A board that holds any network
part: xc7k325tffg900-2
family: xc7
shell: none
clock_mhz: 100
oscillator_mhz: 100
budget: {LUT: 10000000, FF: 20000000, LUTRAM: 5000000, BRAM36: 10000, DSP: 10000}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", type=int, default=list(BASES), metavar="BASE", help=f"default: {BASES}")
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--target-fps", type=float, default=10.0)
    parser.add_argument("--results", type=Path, default=Path("builds/front_end.json"))
    parser.add_argument("--show", action="store_true", help="only print the results kept")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker is not None:
        print(json.dumps(measure(options.worker, options.target_fps)))
        return
    known: dict[str, Any] = json.loads(options.results.read_text()) if options.results.is_file() else {}
    for base in [] if options.show else options.only:
        known[str(base)] = in_own_process(base, options.image_size, options.target_fps)
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(known, indent=1))
    show(known, options.markdown)


def in_own_process(base: int, size: int, target_fps: float) -> dict[str, Any]:
    """The network is made here, so that its memory is not the build's."""
    from quantunet.checkpoint import save_checkpoint

    with tempfile.TemporaryDirectory(prefix="qu-front-end-") as name:
        folder = Path(name)
        network = random_network(base, (size, size))
        save_checkpoint(folder / "network", network)
        random_images(1, (size, size), folder / "images.npy")
        (folder / "limitless.yaml").write_text(BOARD)
        command = [sys.executable, __file__, "--worker", name, "--target-fps", str(target_fps)]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return {**json.loads(ended.stdout.splitlines()[-1]), "weights": network.config.weights}


def measure(folder: Path, target_fps: float) -> dict[str, Any]:
    """Build the network in `folder` up to its RTL: processor seconds and MB by step, MB of the output folder."""
    watch = MemoryWatch()
    watch.phase = INPUTS
    seconds: dict[str, float] = {}
    marks = [processor_seconds()]

    class Phases(Listener):
        def step_started(self, number: int, total: int, name: str) -> None:
            seconds.setdefault(INPUTS, processor_seconds() - marks[-1])
            marks.append(processor_seconds())
            watch.phase = name

        def step_ended(self, record: StepRecord) -> None:
            seconds[record.name] = processor_seconds() - marks[-1]

    settings: dict[str, object] = {
        "model": folder / "network",
        "board": str(folder / "limitless.yaml"),
        "output_dir": folder / "build",
        "frames": 1,
        "verify_input_npy": folder / "images.npy",
        "target_fps": target_fps,
        "flow": "none",
        "stop_step": STEPS[-1],
    }
    watch.start()
    result = build(load_config(None, settings), Phases())
    peaks = watch.stop()
    assert not result.failures, result.failures
    written = sum(file.stat().st_size for file in (folder / "build").rglob("*") if file.is_file())
    return {"seconds": seconds, "megabytes": {k: peaks[k] >> 20 for k in STEPS if k in peaks}, "written": written >> 20}


def show(known: dict[str, Any], markdown: bool) -> None:
    bases = sorted(known, key=int)
    header = ("step", *(f"base {base}" for base in bases))
    titles = {step: step.removeprefix("step_") for step in STEPS}
    rows: list[tuple[object, ...]] = [
        (titles[step], *(known[base]["seconds"].get(step) for base in bases)) for step in STEPS
    ]
    rows.append(("all", *(sum(known[base]["seconds"].values()) for base in bases)))
    rows.append(("million weights", *(known[base]["weights"] / 1e6 for base in bases)))
    print(table("Seconds of the processor", header, rows, markdown))
    rows = [(titles[step], *(known[base]["megabytes"].get(step) for base in bases)) for step in STEPS]
    rows.append(("most", *(max(known[base]["megabytes"].values()) for base in bases)))
    rows.append(("output folder", *(known[base]["written"] for base in bases)))
    print(table("Memory, and what is written, MB", header, rows, markdown))


if __name__ == "__main__":
    main()
