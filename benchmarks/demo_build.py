# SPDX-License-Identifier: BSD-3-Clause
"""Simulation speed in cycles/s and the time of each build step, for the demo network.

    .venv/bin/python benchmarks/demo_build.py [--config build_configs/demo.yaml] [--repeat 3] [--cold]

With `--cold` nothing is taken from the cache of compiled simulators and synthesized operators. Times are of one machine
and one moment: compare only figures of one run. Cycles and resources are the same everywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.build import build
from hw_flows.config import load_config
from hw_flows.simulate import RunOptions, compile_simulator
from hw_flows.simulate.run import run_words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=Path("build_configs/demo.yaml"))
    parser.add_argument("--repeat", type=int, default=3, help="simulation runs of each kind")
    parser.add_argument("--cold", action="store_true", help="with an empty cache")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="qu-benchmark-"))
    try:
        if options.cold:
            os.environ["QU_CACHE"] = str(work / "cache")
        cfg = load_config(options.config, {"output_dir": work / "build"})
        result = build(cfg)
        print(f"build {'from an empty cache' if options.cold else 'with the cache as it was'}, {cfg.jobs} jobs")
        for record in result.steps:
            print(f"  {record.name:34}{record.seconds:8.1f} s  {record.status}")
        print(f"  {'total':34}{sum(r.seconds for r in result.steps):8.1f} s")
        for kind in ("verification", "performance", "resources"):
            data = json.loads((cfg.output_dir / "report" / f"{kind}.json").read_text())
            keys = (
                "bit_exact",
                "frames",
                "tensors_compared",
                "values_compared",
                "mismatches",
                "cycles_per_frame",
                "latency_cycles",
                "fps",
                "mac_utilization",
                "total",
                "fits",
            )
            print(f"{kind}: " + ", ".join(f"{key} {data[key]}" for key in keys if key in data))
        measure_simulation(cfg.output_dir, options.repeat)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def measure_simulation(output: Path, repeat: int) -> None:
    """Cycles a second inside the simulation loop, every stream compared."""
    rtl = output / "rtl"
    simulator = compile_simulator(Accelerator.load(rtl / "accelerator.json"), rtl)
    words = output / "verification" / "expected"
    frames = json.loads((output / "report" / "verification.json").read_text())["frames"]
    for name, run_options in (("full speed", RunOptions()), ("random stalls", RunOptions(stall_probability=0.3))):
        runs = [run_words(simulator, words, frames, run_options) for _ in range(repeat)]
        speeds = sorted(r.cycles / r.seconds for r in runs)
        print(
            f"simulation, {name}: {statistics.median(speeds):,.0f} cycles/s "
            f"(median of {repeat}, {speeds[0]:,.0f} to {speeds[-1]:,.0f}; {runs[0].cycles:,} cycles, "
            "all streams compared)"
        )


if __name__ == "__main__":
    main()
