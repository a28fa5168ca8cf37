# SPDX-License-Identifier: BSD-3-Clause
"""Files that were cut short or changed: entries of every kind in the cache, results in the output folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from trust.machine_faults.trial import FaultBench, FaultTrial, judge
from trust.part import Say
from trust.tiny import TinyBuild


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def change(path: Path) -> None:
    """One bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


#: Kind of entry -> pattern below the cache folder, and the step that uses it.
ENTRIES = {
    "timing": ("timing/*.so", "step_set_fifo_depths"),
    "simulators": ("simulators/*.exe", "step_verify"),
    "simulators' runtime": ("simulators/*/*.o", "step_verify"),
    "synthesis": ("synthesis/*.il.gz", "step_synthesize"),
    "gate_level": ("gate_level/*.so", "step_simulate_synthesized"),
    "netlist_runs": ("netlist_runs/*.json", "step_simulate_synthesized"),
}
RESULTS = (
    "intermediate_models/*_step_lower.onnx",
    "intermediate_models/dataflow_parent.onnx",
    "intermediate_models/partition_0.onnx",
    "rtl/accelerator.json",
    "rtl/*_weights.mem",
    "report/fifo_sizing.json",
    "report/verification.json",
    "synthesis/*.json",
    "final_hw_config.json",
    "build_state.json",
)
WAYS: dict[str, Callable[[Path], None]] = {"cut in half": truncate, "one bit changed": change, "empty": empty}


def damaged_cache(bench: FaultBench, kinds: list[str], ways: list[str], say: Say) -> Iterator[FaultTrial]:
    """Each kind of entry damaged in each way, all files of the kind at once; the steps that use them run again."""
    for kind in kinds:
        pattern, step = ENTRIES[kind]
        for way in ways:
            name = f"cache {kind} {way}"
            build = copy_of(bench, name)
            files = sorted(build.cache.glob(pattern))
            for file in files:
                WAYS[way](file)
            if kind == "simulators' runtime":  # is looked at where a simulator is compiled
                for file in build.cache.glob("simulators/*.exe"):
                    file.unlink()
            fault = f"{kind}: {len(files)} {'entry' if len(files) == 1 else 'entries'} {way}"
            build = replace(build, options=(*build.options, "--start-step", step))
            trial = judge(bench, "cache entry damaged", fault, build, name)
            yield trial if files else FaultTrial(trial.kind, fault, "no such entry", False)
            say(f"{fault}: {trial.outcome}")
            shutil.rmtree(build.output.parent)


def damaged_results(bench: FaultBench, patterns: tuple[str, ...], say: Say) -> Iterator[FaultTrial]:
    """Results in a finished output folder damaged in turn, then the same command again."""
    ways = {**WAYS, "removed": remove}
    for number, pattern in enumerate(patterns):
        way = list(ways)[number % len(ways)]
        name = f"result {number}"
        build = copy_of(bench, name)
        file = sorted(build.output.glob(pattern))[0]
        ways[way](file)
        fault = f"{file.relative_to(build.output)}: {way}"
        trial = judge(bench, "result damaged", fault, build, name)
        yield trial
        say(f"{fault}: {trial.outcome}")
        shutil.rmtree(build.output.parent)


def copy_of(bench: FaultBench, name: str) -> TinyBuild:
    """The finished build and its cache, to be damaged."""
    folder = bench.work / name.replace(" ", "_").replace("'", "")
    shutil.copytree(bench.whole.output, folder / "build")
    shutil.copytree(bench.whole.cache, folder / "cache")
    return replace(bench.whole, output=folder / "build", cache=folder / "cache")
