# SPDX-License-Identifier: BSD-3-Clause
"""Speed of our simulation (Verilator and a native harness) against Icarus Verilog on the same design.

    .venv/bin/python benchmarks/simulators.py [BUILD_DIR...] [--cycles 20000] [--repeat 3] [--markdown]

Each BUILD_DIR is the output folder of a finished build; the first `--cycles` cycles of its verification are simulated.
Without one it is a small network (base width 2, depth 2, 16x16, made on the spot) for two whole frames, so that its output
is simulated, too. Icarus needs `iverilog` on PATH and reads the design as Yosys writes it. Both simulators compare every word of
every stream and must agree on each stream: words, and the cycles of its first and last word. One core each, one after the
other. Seconds are of the processor, so that others on the machine change them little: of the simulation itself in Icarus, of
the whole process in ours; neither includes compiling.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from icarus import compile_testbench, require_icarus, simulate, write_verilog
from networks import random_images, random_network
from tables import table

from hw_flows.accelerator import Accelerator
from hw_flows.build import build
from hw_flows.config import load_config
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import package_version
from hw_flows.report.files import read_report
from hw_flows.simulate import RunOptions, SimulationResult, compile_simulator
from hw_flows.simulate.run import run_words

SMALL_SIZE = (16, 16)
SMALL_FRAMES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", type=Path, nargs="*", metavar="BUILD_DIR")
    parser.add_argument("--cycles", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of our simulator")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    try:
        icarus = require_icarus()
        with chosen_builds(options.builds) as builds:
            for folder in builds:
                compare(folder, options.cycles if options.builds else None, options.repeat, icarus, options.markdown)
    except UserError as error:
        sys.exit(f"error: {error}")


@contextmanager
def chosen_builds(given: list[Path]) -> Iterator[list[Path]]:
    """The folders given; without one a small network, built for the time being."""
    if given:
        yield given
        return
    from quantunet.checkpoint import save_checkpoint

    with tempfile.TemporaryDirectory(prefix="qu-benchmark-") as name:
        work = Path(name)
        save_checkpoint(work / "small", random_network(2, SMALL_SIZE, depth=2))
        images = random_images(SMALL_FRAMES, SMALL_SIZE, work / "images.npy")
        settings: dict[str, object] = {
            "model": work / "small",
            "output_dir": work / "build",
            "frames": SMALL_FRAMES,
            "flow": "none",
            "target_fps": 10_000.0,
            "verify_input_npy": images,
            "stop_step": "step_verify",
        }
        assert build(load_config(None, settings)).ok
        yield [work / "build"]


def compare(folder: Path, cycles: int | None, repeat: int, icarus: str, markdown: bool) -> None:
    """Print speeds of both simulators; cycles None: until the last word of the last frame."""
    rtl, words = folder / "rtl", folder / "verification" / "expected"
    accelerator = Accelerator.load(rtl / "accelerator.json")
    report = read_report(folder, "verification")
    if report is None:
        raise UserError("this build has not come to its verification", str(folder))
    frames = report["frames"]
    with tempfile.TemporaryDirectory(prefix="qu-icarus-") as temporary:
        work = Path(temporary)
        simulator = compile_simulator(accelerator, rtl)
        ours, seconds = [], []
        for _ in range(repeat):
            before = children_seconds()
            ours.append(run_words(simulator, words, frames, RunOptions(max_cycles=cycles)))
            seconds.append(children_seconds() - before)
        started = time.monotonic()
        verilog = write_verilog(accelerator, rtl, work)
        compiled = compile_testbench(accelerator, verilog, words, frames, ours[0].cycles, work)
        prepared = time.monotonic() - started
        theirs = simulate(compiled)
    agree(accelerator, ours[0], theirs.words, theirs.errors, theirs.spans)
    speeds = sorted(ours[0].cycles / spent for spent in seconds)
    median, icarus_speed = statistics.median(speeds), theirs.cycles / theirs.seconds
    print(
        table(
            f"{folder.name}: {len(accelerator.instances)} operators, {ours[0].cycles:,} cycles, {frames} frames at hand, "
            f"{ours[0].words_compared:,} words on {len(accelerator.streams)} streams equal in both",
            ("simulator", "cycles/s", "seconds", "speed"),
            [
                (
                    f"Verilator {package_version('verilator')} with our harness",
                    round(median),
                    ours[0].cycles / median,
                    f"{median / icarus_speed:.0f} times",
                ),
                (icarus, round(icarus_speed), theirs.seconds, None),
            ],
            markdown,
        )
    )
    print(f"(median of {repeat}: {speeds[0]:,.0f} to {speeds[-1]:,.0f}; Yosys and iverilog took {prepared:.0f} s)\n")


def children_seconds() -> float:
    """Processor time of the processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def agree(
    accelerator: Accelerator,
    ours: SimulationResult,
    words: dict[str, int],
    errors: dict[str, int],
    spans: dict[str, tuple[int, int]],
) -> None:
    """Raises UserError where the two simulators do not tell the same of each stream, or a word is wrong."""
    wrong = [name for name, count in errors.items() if count]
    # a stream without a word has a span of zeros
    apart = [s.name for s in accelerator.streams if ours.spans[s.name] != spans.get(s.name, (0, 0))]
    if ours.mismatched_words or wrong or apart or sum(words.values()) != ours.words_compared:
        raise UserError(
            f"the simulators differ: {ours.mismatched_words} wrong words in ours; wrong in Icarus: {wrong[:5]}; other "
            f"cycles: {[(n, ours.spans[n], spans.get(n)) for n in apart[:5]]}; words {ours.words_compared:,} and "
            f"{sum(words.values()):,}"
        )


if __name__ == "__main__":
    main()
