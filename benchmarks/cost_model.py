# SPDX-License-Identifier: BSD-3-Clause
"""How well the operators' cost models predict what synthesis counts.

    .venv/bin/python benchmarks/cost_model.py [--synthesize [OPERATOR...]] [BUILD_DIR...]

Prints the error of every operator's model over a grid of configurations (`synthesized` in the operators' `cases.py`),
and of the sum over the
networks whose finished builds are given. What synthesis (Yosys, 7-series) counted lies in `data/cost_model.csv`; the
predictions are made anew at each run. `--synthesize` synthesizes the grid again and rewrites the file: a quarter of an
hour on two cores; with names of operators' folders only theirs.

`error`: prediction over count, less 1, for the LUTs (those used as memory included) of each configuration: mean of its
size, what nine of ten stay below, largest. `in all`: of the sum over the group. `line`: count = a + b * prediction by
least squares; coefficients of a model that was fitted to this data give a = 0, b = 1. `off`: configurations whose
LUTRAM, block RAM or DSPs are not predicted to the unit.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator, Instance
from hw_flows.finn_environment import prepare_finn
from hw_flows.operators import folders
from hw_flows.operators.case import Case
from hw_flows.report.estimate import predicted
from quantunet_common.files import write_text_atomically

DATA = Path(__file__).parent / "data" / "cost_model.csv"
RESOURCES = ("LUT", "FF", "LUTRAM", "BRAM36", "DSP")
#: What is predicted or counted exactly.
EXACT = ("LUTRAM", "BRAM36", "DSP")


#: Operator type and parameters -> what synthesis counted of RESOURCES.
Counts = dict[tuple[str, str], dict[str, float]]


@dataclass(frozen=True)
class Row:
    """One operator: RESOURCES as predicted and as counted."""

    op_type: str
    name: str
    predicted: dict[str, float]
    counted: dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", nargs="*", type=Path, metavar="BUILD_DIR", help="output folder of a finished build")
    parser.add_argument("--synthesize", nargs="*", metavar="OPERATOR", help="synthesize the grid, or these, again")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worst", type=int, default=0, help="also list so many configurations of each group")
    options = parser.parse_args()
    grid = configurations()
    with tempfile.TemporaryDirectory(prefix="qu-benchmark-") as folder:
        prepare_finn(Path(folder) / "finn")
        from hw_flows.stitch import describe
        from hw_flows.testing.operator_bench import build_model

        accelerator = describe(build_model(grid), "grid")
        if options.synthesize is not None:
            counted = read_data() | synthesize(configurations(options.synthesize), Path(folder), options.jobs)
            write_data({key(instance): counted[key(instance)] for instance in accelerator.instances})
    counted = data_of(accelerator)
    rows = [Row(i.op_type, configuration(i), predicted(i.cost), counted[key(i)]) for i in accelerator.instances]
    show(f"grid of {len(rows)} configurations", rows, options.worst)
    for build in options.builds:
        show(str(build), build_rows(build), options.worst)


def configurations(names: Sequence[str] = ()) -> list[Case]:
    """Of every operator, or of those of these names: what its folder lists for this."""
    chosen = [folder for folder in folders() if not names or folder.path.name in names]
    return [case for folder in chosen for case in folder.load("cases").synthesized()]


def synthesize(grid: Sequence[Case], folder: Path, jobs: int) -> Counts:
    from hw_flows.families import find_family
    from hw_flows.stitch import describe, write_operators
    from hw_flows.synthesize import synthesize_operators
    from hw_flows.testing.operator_bench import build_model

    model = build_model(grid)
    accelerator = describe(model, "grid")
    write_operators(model, accelerator, folder / "rtl")
    done = synthesize_operators(
        accelerator,
        folder / "rtl",
        find_family("xc7"),
        jobs=jobs,
        logs=folder / "logs",
        progress=lambda ready, total: print(f"{ready} of {total} synthesized", flush=True),
    )
    return {
        key(instance): {name: float(getattr(operator.resources, name)) for name in RESOURCES}
        for instance, operator in zip(accelerator.instances, done, strict=True)
    }


def key(instance: Instance) -> tuple[str, str]:
    """What tells configurations apart in the data file: choices that the cost model makes are part of it."""
    return instance.op_type, configuration(instance)


def configuration(instance: Instance) -> str:
    return " ".join(f"{name}={value}" for name, value in instance.parameters.items())


def read_data() -> Counts:
    with DATA.open(encoding="utf-8", newline="") as file:
        return {
            (row["operator"], row["parameters"]): {k: float(row[k]) for k in RESOURCES} for row in csv.DictReader(file)
        }


def write_data(counts: Counts) -> None:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("operator", "parameters", *RESOURCES))
    for names, counted in counts.items():
        writer.writerow((*names, *(f"{counted[name]:g}" for name in RESOURCES)))
    write_text_atomically(DATA, out.getvalue())


def data_of(accelerator: Accelerator) -> Counts:
    """What was counted for each configuration. Raises SystemExit where the file lacks some."""
    rows = read_data()
    missing = [key(instance) for instance in accelerator.instances if key(instance) not in rows]
    if missing:
        raise SystemExit(
            f"{DATA} lacks {len(missing)} configurations, such as {missing[0]}: run again with --synthesize"
        )
    return rows


def build_rows(build: Path) -> list[Row]:
    """Operators of a finished build, from its `report/resources.json`."""
    report = json.loads((build / "report" / "resources.json").read_text(encoding="utf-8"))
    return [Row(o["op_type"], o["name"], o["estimate"], o) for o in report["operators"]]


def errors(rows: Sequence[Row], name: str = "LUT") -> np.ndarray:
    """Prediction over count, less 1, of every row that has any of `name`."""
    pairs = np.array([(row.predicted[name], row.counted[name]) for row in rows if row.counted[name]])
    return pairs[:, 0] / pairs[:, 1] - 1 if len(pairs) else np.zeros(0)


def inexact(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if any(row.predicted[name] != row.counted[name] for name in EXACT)]


def show(title: str, rows: Sequence[Row], worst: int) -> None:
    print(f"\n{title}")
    print(
        f"{'':30}{'number':>7}{'mean':>7}{'90 %':>7}{'largest':>8}{'in all':>8}  {'line':16}{'LUT':>8}{'FF in all':>10}{'off':>5}"
    )
    for op_type in [*dict.fromkeys(row.op_type for row in rows), ""]:
        group = [row for row in rows if op_type in ("", row.op_type)]
        own = np.abs(errors(group))
        count = np.array([row.counted["LUT"] for row in group])
        guess = np.array([row.predicted["LUT"] for row in group])
        flip_flops = sum(r.predicted["FF"] for r in group) / max(1, sum(r.counted["FF"] for r in group)) - 1
        title_of = op_type.removeprefix("Open").removesuffix("_rtl") or "all"
        a, b = line(guess, count)
        print(
            f"{title_of:30}{len(group):7}{own.mean():7.1%}{np.quantile(own, 0.9):7.1%}{own.max():8.1%}"
            f"{guess.sum() / count.sum() - 1:8.1%}  {f'{a:+.1f} + {b:.3f} x':16}{count.sum():8,.0f}{flip_flops:10.1%}"
            f"{len(inexact(group)):5}"
        )
        if op_type and worst:
            for row in sorted(group, key=lambda r: -abs(r.predicted["LUT"] - r.counted["LUT"]))[:worst]:
                print(f"    {row.predicted['LUT']:8.0f} for {row.counted['LUT']:6.0f}  {row.name}")
    for row in inexact(rows)[: 10 * worst]:
        off = ", ".join(
            f"{row.predicted[name]:g} for {row.counted[name]:g} {name}"
            for name in EXACT
            if row.predicted[name] != row.counted[name]
        )
        print(f"    off: {off}  {row.name}")


def line(guess: np.ndarray, count: np.ndarray) -> tuple[float, float]:
    """a, b of the line count = a + b * guess that fits best."""
    if len(set(guess.tolist())) < 2:
        return 0.0, float(count.sum() / guess.sum())
    b, a = np.polyfit(guess, count, 1)
    return float(a), float(b)


if __name__ == "__main__":
    main()
