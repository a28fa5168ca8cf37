# SPDX-License-Identifier: BSD-3-Clause
"""The SAIF file of a window of frames, against waves of the same run, counted here."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.case import Case
from hw_flows.simulate import RunOptions, Simulator, Window, compile_simulator, record_activity, run
from hw_flows.simulate.activity import SETTLED, repeat_words
from hw_flows.simulate.compile import DESIGN, HARNESS, HEADERS
from hw_flows.simulate.run import run_words, write_words
from hw_flows.simulate.saif import BEFORE, write_saif
from hw_flows.simulate.sim_top import TOP, design_source, sim_top
from hw_flows.simulate.verilator import build_executable
from hw_flows.testing.operator_bench import reference, write_design

SHAPE = {"folded_shape": [1, 3, 5, 2, 2], "normal_shape": [1, 3, 5, 4], "dataType": "INT3"}
CASES = [
    Case("OpenStreamingFIFO_rtl", {"depth": 4, **SHAPE}),
    Case("OpenStreamingFIFO_rtl", {"depth": 40, **SHAPE}),
]
ACCELERATOR = "design_top/shell/accelerator"
#: As the harness's waves, but in a format that can be read here.
VCD = '#include "verilated_vcd_c.h"\n#define VerilatedFstC VerilatedVcdC\n'
Counts = dict[str, tuple[int, int, int]]
"""Of each net, by its path: half cycles at 0 and at 1, changes."""


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    """Two FIFOs beside each other, where they are, and three frames."""
    folder = tmp_path_factory.mktemp("activity")
    model, accelerator, rtl = write_design(CASES, folder)
    return accelerator, rtl, reference(model, CASES, frames=3)


@pytest.fixture(scope="module")
def recorded(design, tmp_path_factory):
    """Folder with the words, what was recorded of two frames at 250 MHz, and the file."""
    accelerator, rtl, tensors = design
    folder = tmp_path_factory.mktemp("recorded")
    frames = write_words(accelerator, tensors, folder)
    window = Window(frames=2, latency_cycles=40, cycles_per_frame=30, instance=ACCELERATOR, clock_mhz=250.0)
    return (
        folder,
        record_activity(accelerator, rtl, folder, frames, window, folder / "a.saif", jobs=1),
        folder / "a.saif",
    )


def read_saif(path: Path, half_ps: int) -> tuple[int, Counts]:
    """Half cycles in all, and counts of each net below the accelerator."""
    text = path.read_text()
    duration = int(re.search(r"\(DURATION (\d+)\)", text)[1])
    assert "(TIMESCALE 1 ps)" in text and '(SAIFVERSION "2.0")' in text and duration % half_ps == 0
    counts: Counts = {}
    place: list[str] = []
    for token in re.finditer(r"\(INSTANCE (\S+)|\(NET$|\((\S+) (\(T0 .*\))\)$|\)$", text, re.MULTILINE):
        if token[1]:
            place.append(token[1].replace("\\", ""))
        elif token[2]:
            found = re.fullmatch(r"\(T0 (\d+)\) \(T1 (\d+)\) \(TX 0\) \(TC (\d+)\)", token[3])
            zero, one, changes = map(int, found.groups())
            assert zero + one == duration and one % half_ps == 0
            name = "/".join([*filter(None, place), token[2].replace("\\", "")])
            assert counts.setdefault(name, (zero // half_ps, one // half_ps, changes))[2] == changes
        elif token[0] == "(NET":
            place.append("")
        elif place:
            place.pop()
    assert all(name.startswith(f"{ACCELERATOR}/") for name in counts)
    return duration // half_ps, {name.removeprefix(f"{ACCELERATOR}/"): value for name, value in counts.items()}


def count_waves(path: Path, begin: int, end: int) -> Counts:
    """The same of a VCD file from time `begin` to `end`: of each bit, from the value that it has at `begin`."""
    names: dict[str, list[tuple[str, int]]] = {}
    place: list[str] = []
    values: dict[str, str] = {}
    time, changes = 0, {}
    with path.open() as lines:
        for line in map(str.strip, lines):
            if line.startswith("$scope"):
                place.append(line.split()[2])
            elif line.startswith("$upscope"):
                place.pop()
            elif line.startswith("$var"):
                width, code, name = line.split()[2:5]
                names.setdefault(code, []).append(("/".join([*place, name]), int(width)))
            elif line.startswith("#"):
                time = int(line[1:])
                if time > end:
                    break
            elif line and line[0] in "01b" and not line.startswith("begin"):
                value, code = line[1:].split() if line[0] == "b" else (line[0], line[1:])
                if begin < time <= end:
                    changes.setdefault(code, []).append((time, value))
                elif time <= begin:
                    values[code] = value
    counts = {}
    for code, aliases in names.items():
        width = aliases[0][1]
        before = values[code].zfill(width)
        tally = [[0, 0, 0] for _ in range(width)]
        last = begin
        for time, value in [*changes.get(code, []), (end, None)]:
            after = before if value is None else value.zfill(width)
            for bit in range(width):
                tally[bit][int(before[-1 - bit])] += time - last
                tally[bit][2] += before[-1 - bit] != after[-1 - bit]
            before, last = after, time
        for name, _ in aliases:
            for bit in range(width):
                counts[name if width == 1 else f"{name}[{bit}]"] = tuple(tally[bit])
    return counts


def simulator_with_waves(accelerator, rtl: Path, folder: Path) -> Simulator:
    """As `compile_simulator` makes it, with VCD in the place of FST."""
    files = {
        f"{TOP}.sv": sim_top(accelerator),
        DESIGN: design_source(accelerator),
        "verilated_fst_c.h": VCD,
        **{file.name: file.read_text() for file in (HARNESS, *HEADERS)},
    }
    sources = [*(str((rtl / name).resolve()) for name in accelerator.sources), f"{TOP}.sv", DESIGN, HARNESS.name]
    options = ("--trace-vcd", "--no-trace-params", "--trace-max-width", "4096")
    build_executable(
        TOP, sources, files, folder / "waves", jobs=1, optimization="-O0", options=options, compiler_flags="-DTRACE_FST"
    )
    return Simulator(accelerator, rtl, folder / "waves", compiled=True)


def without_blocks(name: str) -> str:
    """A path of the simulation, with the names that a netlist has: generate blocks are no instances."""
    return re.sub(r"(\bg_\w+(?:\[\d+\])?)/", r"\1.", name)


def test_time_and_changes_are_those_of_the_waves(design, recorded, tmp_path):
    accelerator, rtl, _ = design
    words, activity, saif = recorded
    simulator = simulator_with_waves(accelerator, rtl, tmp_path)
    frames = SETTLED + 2 + 3
    repeat_words(accelerator, words, 3, frames, tmp_path / "words")
    result = run_words(simulator, tmp_path / "words", frames, RunOptions(trace=tmp_path / "waves.vcd"))
    assert result.exact
    first, after = (result.frame_end[SETTLED - 1] + 1, result.frame_end[SETTLED + 1] + 1)
    waves = count_waves(tmp_path / "waves.vcd", 2 * first, 2 * after)
    expected = {
        without_blocks(name.removeprefix("TOP/sim_top/dut/")): value
        for name, value in waves.items()
        if name.startswith("TOP/sim_top/dut/")
    }
    half_cycles, counts = read_saif(saif, half_ps=2000)
    assert half_cycles == 2 * activity.cycles == 2 * (after - first)
    assert counts == expected
    assert activity.nets == len(counts) and activity.changes == sum(changes for _, _, changes in counts.values())
    assert any("." in name for name in counts) and any(changes % 2 for _, _, changes in counts.values())


def test_a_stream_that_is_constant_does_not_change(design, tmp_path):
    accelerator, rtl, tensors = design
    constant = {name: np.full_like(value, -1) for name, value in tensors.items()}
    frames = write_words(accelerator, constant, tmp_path)
    window = Window(frames=1, latency_cycles=40, cycles_per_frame=30, instance=ACCELERATOR, clock_mhz=250.0)
    record_activity(accelerator, rtl, tmp_path, frames, window, tmp_path / "a.saif", jobs=1)
    half_cycles, counts = read_saif(tmp_path / "a.saif", half_ps=2000)
    assert half_cycles == 60
    assert {counts[f"s0_axis_tdata[{bit}]"] for bit in range(6)} == {(0, 60, 0)}
    assert {counts[f"m0_axis_tdata[{bit}]"] for bit in range(6)} == {(0, 60, 0)}
    assert counts["s0_axis_tvalid"] == (0, 60, 0) and counts["rst_i"] == (60, 0, 0)
    assert counts["clk_i"] == counts["case0/clk_i"] == (30, 30, 60)


def test_the_window_is_while_images_go_in(design, tmp_path):
    """Although an earlier run may have let expect fewer frames under way than there are."""
    accelerator, rtl, tensors = design
    frames = write_words(accelerator, tensors, tmp_path)
    window = Window(frames=1, latency_cycles=1, cycles_per_frame=30, instance=ACCELERATOR, clock_mhz=100.0)
    activity = record_activity(accelerator, rtl, tmp_path, frames, window, tmp_path / "a.saif", jobs=1)
    assert activity.cycles == 30


def test_a_simulator_without_it_records_nothing(design, tmp_path):
    accelerator, rtl, tensors = design
    result = run(compile_simulator(accelerator, rtl, jobs=1), tensors, RunOptions(saif=tmp_path / "a.saif"))
    assert result.exact and result.activity is None and not (tmp_path / "a.saif").exists()


def test_words_that_are_wrong_leave_no_activity(design, tmp_path):
    accelerator, rtl, tensors = design
    wrong = {name: value.copy() for name, value in tensors.items()}
    wrong["case1_out0"][0, 0, 0, 0, 0] = -wrong["case1_out0"][0, 0, 0, 0, 0] - 1
    frames = write_words(accelerator, wrong, tmp_path)
    window = Window(frames=1, latency_cycles=40, cycles_per_frame=30, instance=ACCELERATOR, clock_mhz=100.0)
    with pytest.raises(UserError, match="not bit-exact"):
        record_activity(accelerator, rtl, tmp_path, frames, window, tmp_path / "a.saif", jobs=1)
    assert not (tmp_path / "a.saif").exists()


RAW = """// Generated by verilated_saif
(SAIFILE
(DURATION {duration})
 (INSTANCE TOP
  (INSTANCE sim_top
   (INSTANCE dut
    (NET
     (clk_i (T0 {low}) (T1 {high}) (TZ 0) (TX 0) (TB 0) (TC {changes}))
    )
   )
  )
 )
)
"""


def raw_file(folder: Path, *, high: int, changes: int, cycles: int = 5) -> Path:
    duration = BEFORE + 2 * cycles
    path = folder / "raw"
    path.write_text(RAW.format(duration=duration, low=duration - high, high=high, changes=changes))
    return path


@pytest.mark.parametrize(
    "high, changes, expected",
    [
        (5, 10, (5, 5, 10)),
        (BEFORE + 5, 11, (5, 5, 10)),  # began as 1, which was counted as a change
        (BEFORE + 10, 1, (0, 10, 0)),
        (0, 0, (10, 0, 0)),
    ],
)
def test_what_is_before_the_window_is_taken_away(tmp_path, high, changes, expected):
    held = write_saif(
        raw_file(tmp_path, high=high, changes=changes), tmp_path / "a", cycles=5, instance=ACCELERATOR, clock_mhz=250
    )
    assert read_saif(tmp_path / "a", half_ps=2000) == (10, {"clk_i": expected})
    assert (held.nets, held.changes) == (1, expected[2])


@pytest.mark.parametrize("high, changes", [(BEFORE + 10, 0), (4, 0), (11, 3)])
def test_another_way_of_counting_is_refused(tmp_path, high, changes):
    raw = raw_file(tmp_path, high=high, changes=changes)
    with pytest.raises(UserError, match="in another way"):
        write_saif(raw, tmp_path / "a", cycles=5, instance=ACCELERATOR, clock_mhz=250)


@pytest.mark.parametrize("kept", [2, 7, 12])
def test_half_a_file_is_refused(tmp_path, kept):
    raw = raw_file(tmp_path, high=5, changes=10)
    raw.write_text("".join(raw.read_text().splitlines(keepends=True)[:kept]))
    with pytest.raises(UserError, match="no whole record"):
        write_saif(raw, tmp_path / "a", cycles=5, instance=ACCELERATOR, clock_mhz=250)


def test_times_add_up_at_any_clock(tmp_path):
    write_saif(raw_file(tmp_path, high=7, changes=4), tmp_path / "a", cycles=5, instance="top/a", clock_mhz=142.857143)
    text = (tmp_path / "a").read_text()
    assert "(DURATION 35000)" in text and "(clk_i (T0 10500) (T1 24500) (TX 0) (TC 4))" in text


def test_generate_blocks_are_named_so_that_they_are_known():
    """saif.py tells them from instances by their names."""
    package = Path(__file__).parents[3] / "hw_flows"
    labels = [label for path in package.rglob("*.sv") for label in re.findall(r"\bbegin *: *(\w+)", path.read_text())]
    assert len(labels) > 50 and all(label.startswith("g_") for label in labels)
