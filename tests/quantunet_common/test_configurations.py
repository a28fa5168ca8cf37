# SPDX-License-Identifier: BSD-3-Clause
"""Configurations by name: the same settings as their files, with results where the user works."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hw_flows.cli import build_command
from hw_flows.config import load_config
from quantunet.cli import train_main
from quantunet.cli_data import data_main
from quantunet.config import read_train_config
from quantunet_common.configurations import Purpose, configuration_file, is_name, names
from quantunet_common.errors import UserError
from quantunet_lab.cli import experiment_main
from quantunet_lab.experiment.config import read_experiment_config

FILES = Path(__file__).parents[2] / "build_configs"
BUILDS = names(Purpose.BUILD)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder without any of the files."""
    monkeypatch.chdir(tmp_path)


def test_every_file_has_a_name_and_is_the_packages_own() -> None:
    assert names() == sorted(path.stem for path in FILES.glob("*.yaml"))
    assert {"demo", "reference", "ulx3s"} <= set(BUILDS) < set(names())
    assert configuration_file(Path("demo")).read_bytes() == (FILES / "demo.yaml").read_bytes()


@pytest.mark.parametrize("name", BUILDS)
def test_a_build_by_name_has_the_settings_of_its_file_and_writes_below_the_working_folder(name: str) -> None:
    by_name, by_file = load_config(Path(name), {}), load_config(FILES / f"{name}.yaml", {})
    assert by_name.output_dir == Path("builds") / name
    differs = {"output_dir": by_file.output_dir}
    if by_file.model is not None and not by_file.model.exists():  # the user makes it, as the file says
        assert by_name.model == Path("runs") / name
        assert (
            f"qu-train --config build_configs/train_{name}.yaml --output runs/{name}"
            in (FILES / f"{name}.yaml").read_text()
        )
        differs["model"] = by_file.model
    assert by_name.model_copy(update=differs) == by_file
    assert load_config(Path(name), {"output_dir": Path("mine")}).output_dir == Path("mine")


@pytest.mark.parametrize("name", [name for name in names() if name not in BUILDS])
def test_a_training_and_an_experiment_by_name_are_those_of_their_files(name: str) -> None:
    if name.startswith("train"):
        assert read_train_config(Path(name), {}) == read_train_config(FILES / f"{name}.yaml", {})
    else:
        by_name, by_file = read_experiment_config(Path(name)), read_experiment_config(FILES / f"{name}.yaml")
        assert all(by_name.training(variant, 0) == by_file.training(variant, 0) for variant in by_file.variants)


def test_a_file_of_that_name_comes_first(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("frames: 7\n")
    assert not is_name(Path("demo"))
    assert load_config(Path("demo"), {}).frames == 7


def test_an_unknown_name_lists_those_of_its_purpose() -> None:
    with pytest.raises(UserError, match=f"one of: {', '.join(BUILDS)}$"):
        load_config(Path("demos"), {})
    with pytest.raises(UserError, match=rf"one of: {', '.join(names(Purpose.TRAINING))}\.$"):
        read_train_config(Path("demos"), {})
    with pytest.raises(UserError, match=rf"one of: {', '.join(names(Purpose.EXPERIMENT))}\.$"):
        read_experiment_config(Path("demos"))


@pytest.mark.parametrize(
    ("command", "purpose"),
    [
        (build_command, Purpose.BUILD),
        (train_main, Purpose.TRAINING),
        (data_main, Purpose.TRAINING),
        (experiment_main, Purpose.EXPERIMENT),
    ],
)
def test_help_names_them(command: click.Command, purpose: Purpose) -> None:
    said = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    assert f"one of: {', '.join(names(purpose))}." in said


def test_an_experiment_shares_a_packaged_training_by_name(tmp_path: Path) -> None:
    experiment = tmp_path / "mine.yaml"
    experiment.write_text("train: train_demo\nvariants: {learned: {}}\n")
    assert read_experiment_config(experiment).train == configuration_file(Path("train_demo"))
    (tmp_path / "train_demo").write_text("steps: 7\n")
    assert read_experiment_config(experiment).training("learned", 0).steps == 7
