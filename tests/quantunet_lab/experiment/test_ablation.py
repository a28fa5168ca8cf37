# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from quantunet_common.errors import UserError
from quantunet_lab.cli import ablate_main
from quantunet_lab.experiment.ablation import table, write_table
from quantunet_lab.experiment.config import read_experiment_config
from quantunet_lab.experiment.paired import difference_of_runs
from quantunet_lab.experiment.runs import runs_of
from quantunet_lab.experiment.statistics import variants_of
from tests.quantunet_lab.conftest import Finished, write_experiment


def test_the_table_has_means_spreads_and_differences_from_the_base(finished: Finished) -> None:
    config = finished.config.model_copy(update={"base": "float"})
    found = table(config, finished.output)
    assert (found.base, found.part, found.missing) == ("float", "validation", ())
    base, learned = found.rows
    assert (base.variant, base.seeds, base.differences["dice"]) == ("float", (0, 1), None)
    by_name = {variant.name: variant for variant in variants_of(runs_of(config, finished.output))}
    expected = difference_of_runs(by_name["learned"].results, by_name["float"].results)
    assert learned.differences["dice"] == expected
    dice = [result.image_mean("dice") for result in by_name["learned"].results.values()]
    cells = dict(zip(found.headings, learned.cells, strict=True))
    assert cells["Dice %"].startswith(f"{50 * (dice[0] + dice[1]):.2f} ± ")
    assert expected is not None and cells["Dice %, difference"] == expected.text(2, 100)
    text = found.markdown()
    assert len([line for line in text.splitlines() if line.startswith("| ")]) == 3
    assert "images of the validation part" in text


def test_an_ablation_trains_in_turn_and_goes_on(finished: Finished, discs: Path, tmp_path: Path) -> None:
    """What an experiment has trained is taken, what is missing is trained, and nothing twice."""
    output = shutil.copytree(finished.output, tmp_path / "out")
    shutil.rmtree(output / "runs" / "learned" / "seed-1")
    file = write_experiment(tmp_path, discs, goal=None, base="learned")
    done = CliRunner().invoke(ablate_main, ["--config", str(file), "--output", str(output)])
    assert done.exit_code == 0, done.output
    assert "4 runs: 3 done, 0 to continue, 1 to start" in done.stderr
    assert done.stdout.splitlines()[-1] == str(output / "report" / "ablation.md")
    assert done.stdout.splitlines()[1].split()[0] == "learned"
    stored = json.loads((output / "report" / "ablation.json").read_text())
    assert [row["seeds"] for row in stored["rows"]] == [[0, 1], [0, 1]]
    before = (
        finished.output / "runs" / "learned" / "seed-1" / "training" / "best" / "weights.safetensors"
    ).read_bytes()
    assert (output / "runs/learned/seed-1/training/best/weights.safetensors").read_bytes() == before


def test_a_run_that_is_missing_is_told(finished: Finished, discs: Path, tmp_path: Path) -> None:
    config = read_experiment_config(write_experiment(tmp_path, discs, seeds=[0, 1, 2]))
    assert table(config, finished.output).missing == ("float seed 2", "learned seed 2")
    with pytest.raises(UserError, match="no run is done yet"):
        write_table(config, tmp_path / "none")


def test_a_variant_begins_with_the_network_of_another(discs: Path, tmp_path: Path) -> None:
    """It is trained behind it, with the same seed."""
    of_float = "{runs}/float/seed-{seed}/training"
    variants = {
        "learned": {"steps": 4, "init_from": of_float, "teacher": {"run": of_float}},
        "float": {"steps": 4, "model": {"precision": "float"}},
    }
    file = write_experiment(tmp_path, discs, variants=variants, seeds=[3], goal=None, base="float")
    config = read_experiment_config(file)
    runs = runs_of(config, tmp_path / "out")
    assert [run.name for run in runs] == ["float seed 3", "learned seed 3"]
    assert runs[1].settings.init_from == runs[0].training
    assert runs[1].needs == ("float seed 3",)
    done = CliRunner().invoke(ablate_main, ["--config", str(file), "--output", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ({"a": {"init_from": "{runs}/b/seed-0"}}, "needs b seed 0, which this experiment does not have"),
        (
            {"a": {"init_from": "{runs}/b/seed-0"}, "b": {"init_from": "{runs}/a/seed-0"}},
            "needs a seed 0, which needs it in turn",
        ),
    ],
)
def test_a_network_that_cannot_be_there_is_named(
    discs: Path, tmp_path: Path, variants: dict[str, object], said: str
) -> None:
    config = read_experiment_config(write_experiment(tmp_path, discs, variants=variants, seeds=[0], goal=None))
    with pytest.raises(UserError, match=said):
        runs_of(config, tmp_path / "out")


def test_settings_are_shared_and_the_data_may_lie_elsewhere(discs: Path, tmp_path: Path) -> None:
    variants = {"a": {}, "b": {"steps": 7, "data": {"test_fraction": 0.3}}}
    file = write_experiment(tmp_path, discs, variants=variants, shared={"steps": 5, "average": 0.5}, goal=None)
    config = read_experiment_config(file, {"data": tmp_path / "elsewhere"})
    one, other = (config.training(name, 0) for name in variants)
    assert (one.steps, one.average, other.steps) == (5, 0.5, 7)
    assert {one.data.path, other.data.path} == {tmp_path / "elsewhere"}  # type: ignore[union-attr]
    assert other.data.test_fraction == 0.3  # type: ignore[union-attr]
