# SPDX-License-Identifier: BSD-3-Clause
"""The whole accelerator's netlist, on every family: the right one passes, a wrong one stops the build."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper
from rich.console import Console

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.build import build
from hw_flows.config import BuildConfig
from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level import NetlistSimulator
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.report.terminal import print_summary
from hw_flows.steps import load_step
from hw_flows.steps import simulate_synthesized as step
from tests.hw_flows.foreign import ForeignNet, export

BOARDS = ("pynq-z2", "ulx3s-85f", "kv260")
SMALL = ForeignNet(channels=(2, 4), image=(8, 8), weight_bits=3, activation_bits=3, seed=5)
NETLIST = "synthesis/quantunet_accel.json"


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> BuildConfig:
    """A complete build for the first board."""
    folder = tmp_path_factory.mktemp("small")
    network = export(SMALL, folder / "foreign.onnx", count=2)
    np.save(folder / "x.npy", network.frames.astype(np.float32))
    np.save(folder / "y.npy", network.outputs.astype(np.float32))
    cfg = BuildConfig(
        model=network.path,
        verify_input_npy=folder / "x.npy",
        verify_expected_output_npy=folder / "y.npy",
        output_dir=folder / "build",
        target_fps=20_000,
        jobs=1,
        netlist_frames=2,
    )
    result = build(cfg)
    assert result.ok, result.failures
    return cfg


@pytest.fixture(scope="module", params=BOARDS)
def synthesized(request, built, tmp_path_factory) -> tuple[BuildConfig, ModelWrapper]:
    """A copy of the build with the netlist for each board."""
    copy = tmp_path_factory.mktemp(request.param) / "build"
    shutil.copytree(built.output_dir, copy)
    cfg = built.model_copy(update={"output_dir": copy, "board": request.param})
    model = ModelWrapper(str(next((copy / "intermediate_models").glob("*_step_stitch.onnx"))))
    if request.param != BOARDS[0]:
        load_step("step_synthesize")(model, cfg)
    return cfg, model


def report(cfg: BuildConfig) -> dict[str, Any]:
    return json.loads((cfg.output_dir / "report" / "netlist.json").read_text())


def test_the_right_netlist_passes(synthesized):
    cfg, model = synthesized
    load_step("step_simulate_synthesized")(model, cfg)
    found = report(cfg)
    accelerator = Accelerator.load(cfg.output_dir / "rtl" / "accelerator.json")
    output = accelerator.stream(accelerator.outputs[0])
    assert found["exact"] is True
    assert found["words_compared"] == 2 * 2 * output.words  # with and without stalls
    assert found["mismatches"] == 0 and found["first_mismatch"] is None
    assert found["cycles_with_stalls"] > found["cycles"]


def test_a_netlist_that_was_right_is_not_run_again_but_another_one_is(synthesized, monkeypatch, tmp_path):
    monkeypatch.setenv("QU_CACHE", str(tmp_path))
    cfg, model = synthesized
    step = load_step("step_simulate_synthesized")
    step(model, cfg)
    first = report(cfg)
    step(model, cfg)
    second = report(cfg)
    assert (first["from_cache"], second["from_cache"]) == (False, True)
    assert {k: v for k, v in first.items() if k not in ("seconds", "from_cache")} == {
        k: v for k, v in second.items() if k not in ("seconds", "from_cache")
    }
    step(model, cfg.model_copy(update={"seed": 2}))
    assert report(cfg)["from_cache"] is False
    for file in (tmp_path / "netlist_runs").iterdir():
        file.write_text("[{")
    step(model, cfg)
    assert report(cfg)["from_cache"] is False


def test_the_netlist_takes_as_many_cycles_as_the_rtl(built):
    """The clock edge of the first frame's last word is the one that Verilator saw."""
    performance = json.loads((built.output_dir / "report" / "performance.json").read_text())
    accelerator = Accelerator.load(built.output_dir / "rtl" / "accelerator.json")
    simulator = NetlistSimulator(Netlist.load(built.output_dir / NETLIST), find_family(load_board(built.board).family))
    full, _ = simulator.stream(accelerator, built.output_dir / "verification" / "expected", 2)
    assert full.first_frame_end + 1 == performance["latency_cycles"]


# --- deliberately broken netlists ------------------------------------------------------------------------------------


def cells(netlist: dict[str, Any], *types: str) -> list[dict[str, Any]]:
    (module,) = (m for m in netlist["modules"].values() if m["cells"])
    return [cell for cell in module["cells"].values() if cell["type"] in types]


def drop_an_enable(netlist: dict[str, Any]) -> None:
    """The lowest bit of a counter, which an inverter feeds, counts in every cycle."""
    inverters = {}
    for cell in cells(netlist, "INV", "LUT4"):
        ports = cell["connections"]
        nets = [net for name, nets in ports.items() if name not in ("O", "Z") for net in nets if isinstance(net, int)]
        if len(nets) == 1:
            inverters[ports.get("O", ports.get("Z"))[0]] = nets[0]
    for cell in cells(netlist, "FDRE", "TRELLIS_FF"):
        ports = cell["connections"]
        data = ports.get("D", ports.get("DI"))[0]
        if isinstance(ports.get("CE", ["1"])[0], int) and inverters.get(data) == ports["Q"][0]:
            ports["CE"] = ["1"]
            return
    raise AssertionError("no counter with an enable")


def swap_words(netlist: dict[str, Any]) -> None:
    """The first words of a block memory with contents trade places with those behind them."""
    for cell in cells(netlist, "RAMB18E1", "RAMB36E1", "RAMB18E2", "RAMB36E2", "DP16KD"):
        name = "INITVAL_00" if cell["type"] == "DP16KD" else "INIT_00"
        row = cell["parameters"][name]
        middle = len(row) // 2
        if row[:middle] != row[middle:]:
            cell["parameters"][name] = row[middle:] + row[:middle]
            return
    pytest.skip("no block memory with contents")


def break_reset(netlist: dict[str, Any]) -> None:
    """No flip-flop is reset any more, and all start as ones."""
    for cell in cells(netlist, "FDRE"):
        cell["connections"]["R"] = ["0"]
        cell["parameters"]["INIT"] = "1"
    for cell in cells(netlist, "TRELLIS_FF"):
        cell["connections"]["LSR"] = ["0"]
        cell["parameters"]["REGSET"] = "SET"


def test_most_single_bits_of_small_luts_matter(synthesized):
    """One bit flipped at a time, in a row that the constants at the LUT's inputs allow. Some rows never occur."""
    cfg, _ = synthesized
    netlist = json.loads((cfg.output_dir / NETLIST).read_text())
    accelerator = Accelerator.load(cfg.output_dir / "rtl" / "accelerator.json")
    family, words = find_family(load_board(cfg.board).family), cfg.output_dir / "verification" / "expected"
    luts = cells(netlist, "LUT2") or cells(netlist, "LUT4")
    chosen = luts[:: len(luts) // 12][:12]
    caught = 0
    for cell in chosen:
        row = row_that_occurs(cell)
        table = cell["parameters"]["INIT"]
        cell["parameters"]["INIT"] = flipped(table, row)
        runs = NetlistSimulator(Netlist(netlist, "flipped"), family).stream(accelerator, words, 1)
        caught += not all(run.exact for run in runs)
        cell["parameters"]["INIT"] = table
    assert caught >= len(chosen) // 3


def row_that_occurs(cell: dict[str, Any]) -> int:
    """The row of all variable inputs at 0."""
    inputs = [cell["connections"].get(name, ["0"])[0] for name in ("I0", "I1") if cell["type"] == "LUT2"]
    inputs = inputs or [cell["connections"].get(name, ["0"])[0] for name in "ABCD"]
    return sum(1 << k for k, net in enumerate(inputs) if net == "1")


def flipped(table: str, row: int) -> str:
    at = len(table) - 1 - row
    return table[:at] + str(1 - int(table[at])) + table[at + 1 :]


@pytest.mark.parametrize("damage", [drop_an_enable, swap_words, break_reset], ids=lambda f: f.__name__)
def test_a_wrong_netlist_stops_the_build(synthesized, tmp_path, damage: Callable[[dict[str, Any]], None]):
    cfg, model = synthesized
    broken = copy_of(cfg, tmp_path)
    path = broken.output_dir / NETLIST
    netlist = json.loads(path.read_text())
    damage(netlist)
    path.write_text(json.dumps(netlist))
    with pytest.raises(CheckFailed, match="synthesized netlist"):
        load_step("step_simulate_synthesized")(model, broken)
    found = report(broken)
    assert found["exact"] is False
    assert found["complaint"]


def test_another_accelerators_netlist_is_refused(synthesized, tmp_path):
    cfg, model = synthesized
    broken = copy_of(cfg, tmp_path)
    text = (broken.output_dir / NETLIST).read_text()
    (broken.output_dir / NETLIST).write_text(text.replace('"s_axis_tvalid"', '"t_axis_tvalid"'))
    with pytest.raises(UserError, match="no port s_axis_tvalid"):
        load_step("step_simulate_synthesized")(model, broken)


def test_no_frames_leave_the_check_out(synthesized, tmp_path):
    cfg, model = synthesized
    without = copy_of(cfg, tmp_path).model_copy(update={"netlist_frames": 0})
    load_step("step_simulate_synthesized")(model, without)
    assert not (without.output_dir / "report" / "netlist.json").exists()


def test_a_frame_that_would_take_hours_is_left_out_unless_it_is_asked_for(synthesized, tmp_path, monkeypatch):
    cfg, model = synthesized
    slow = copy_of(cfg, tmp_path).model_copy(update={"netlist_frames": None})
    monkeypatch.setattr(step, "MOST_SECONDS", 0)
    load_step("step_simulate_synthesized")(model, slow)
    found = report(slow)
    assert found["exact"] is None and found["left_out"].endswith("netlist_frames: 1 runs it")
    text = StringIO()
    print_summary(slow.output_dir, Console(file=text, width=200))
    assert "not simulated: a frame is" in text.getvalue()


def copy_of(cfg: BuildConfig, folder: Path) -> BuildConfig:
    copy = folder / "build"
    shutil.copytree(cfg.output_dir, copy, ignore=shutil.ignore_patterns("intermediate_models", "finn", "logs"))
    return cfg.model_copy(update={"output_dir": copy})
