# SPDX-License-Identifier: BSD-3-Clause
"""An operator from outside the package, by its folder alone: from the ONNX pattern to RTL, resources and proof."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from hw_flows import operators
from hw_flows.build import build
from hw_flows.config import BuildConfig
from hw_flows.families import find_family
from hw_flows.machine.errors import UserError
from hw_flows.operators import OperatorFolder, add_folder
from hw_flows.stitch import describe
from hw_flows.synthesize import synthesize_operators
from hw_flows.testing.lint import lint
from hw_flows.testing.operator_bench import check, check_netlist, write_design
from proofs.catalogue import operator_benches
from tests.hw_flows.conftest import finn_prepared  # noqa: F401  FINN is made importable
from tests.hw_flows.written_differently import Net, conv, export, identity, norm, relu
from tests.proofs.quick import check as check_proof

FOLDER = Path(__file__).parents[2] / "examples" / "operators" / "absolute_value"


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch) -> Iterator[OperatorFolder]:
    """The operator, for one test; other tests of this process do not have it."""
    monkeypatch.setattr(operators, "_added", {})
    yield add_folder(FOLDER)


def test_it_equals_its_model_at_one_word_a_cycle(operator: OperatorFolder, tmp_path: Path) -> None:
    full_speed, *_ = check(operator.load("cases").GRID, tmp_path)
    assert full_speed.cycles_per_frame == 3 * 4 * 2


def test_lint_is_silent_and_bad_parameters_are_refused(operator: OperatorFolder) -> None:
    cases = operator.load("cases")
    assert lint(cases.GRID[0]).stderr == ""
    for parameters, message in cases.REFUSED:
        assert message in lint(cases.GRID[0], **parameters).stderr


def test_the_netlist_equals_the_model(operator: OperatorFolder, tmp_path: Path) -> None:
    check_netlist(operator.load("cases").GRID[:2], tmp_path)


def test_its_cost_is_what_synthesis_counts(operator: OperatorFolder, tmp_path: Path) -> None:
    model, accelerator, rtl = write_design(list(operator.load("cases").synthesized()), tmp_path)
    counted = synthesize_operators(
        accelerator, rtl, find_family("xc7"), jobs=1, logs=tmp_path / "logs", progress=lambda done, total: None
    )
    predicted = [(i.cost["lut"], i.cost["ff"]) for i in describe(model, "cases").instances]
    assert [p[1] for p in predicted] == [c.resources.FF for c in counted]
    assert [p[0] for p in predicted] == pytest.approx([c.resources.LUT for c in counted], abs=1)


def test_its_proof_holds_and_a_broken_copy_is_caught(tmp_path: Path) -> None:
    (bench,) = (b for b in operator_benches() if b.folder == FOLDER)
    check_proof(bench, tmp_path)


def rectified() -> Net:
    """A U-Net of one level whose skip and upper branch are made positive by Abs, not by a ReLU."""
    layers = {"skip": identity(), "down": nn.Sequential(conv(), norm(negative=True)), "q": identity()}
    return Net(lambda m, image, x: (m["q"](m["down"](m["skip"](x - 0.3).abs()))).abs(), **layers)


def test_a_network_with_it_is_bit_exact(tmp_path: Path) -> None:
    network = export("rectified", rectified, tmp_path / "net.onnx")
    for file, values in (("x", network.frames), ("y", network.outputs)):
        np.save(tmp_path / f"{file}.npy", values.astype(np.float32))
    cfg = BuildConfig(
        model=network.path,
        verify_input_npy=tmp_path / "x.npy",
        verify_expected_output_npy=tmp_path / "y.npy",
        output_dir=tmp_path / "build",
        target_fps=20_000,
        frames=2,
        jobs=1,
        flow="none",
        stop_step="step_synthesize",
        operators=(FOLDER,),
    )
    result = build(cfg)
    assert result.ok, result.failures
    reports = {
        name: json.loads((cfg.output_dir / "report" / f"{name}.json").read_text())
        for name in ("verification", "resources")
    }
    assert reports["verification"]["bit_exact"] is True
    assert reports["verification"]["tensors_compared"] == reports["verification"]["streams"]
    own = [row for row in reports["resources"]["operators"] if row["op_type"] == "OpenAbsoluteValue_rtl"]
    assert len(own) == 2 and all(row["LUT"] > 0 for row in own)
    assert (cfg.output_dir / "rtl" / "qu_absolute_value.sv").is_file()


def test_what_it_cannot_do_is_told_in_the_networks_words(tmp_path: Path) -> None:
    network = export(
        "early", lambda: Net(lambda m, image, x: m["q"](m["c"](x).abs()), c=conv(), q=relu()), tmp_path / "net.onnx"
    )
    cfg = BuildConfig(model=network.path, output_dir=tmp_path / "build", flow="none", operators=(FOLDER,))
    with pytest.raises(UserError, match="Abs.*absolute value of what is not quantized"):
        build(cfg)


def test_a_folder_that_is_no_operator_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no operator"):
        add_folder(tmp_path)


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "upsample"
    folder.mkdir()
    for name in ("__init__.py", "rtl.py"):
        (folder / name).touch()
    with pytest.raises(UserError, match="cannot be called 'upsample'"):
        add_folder(folder)
