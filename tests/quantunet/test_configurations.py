# SPDX-License-Identifier: BSD-3-Clause
"""Configurations by name: the same settings as their files, with results where the user works."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw_flows.config import load_config
from hw_flows.errors import UserError
from quantunet.config import read_train_config
from quantunet.configurations import configuration_file, is_name, names, names_of_builds
from quantunet_lab.experiment.config import read_experiment_config

FILES = Path(__file__).parents[2] / "build_configs"
BUILDS = names_of_builds()


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
    assert by_name.model_copy(update={"output_dir": by_file.output_dir}) == by_file
    assert by_name.model is None or by_name.model.exists()
    assert load_config(Path(name), {"output_dir": Path("mine")}).output_dir == Path("mine")


@pytest.mark.parametrize("name", [name for name in names() if name not in BUILDS])
def test_a_training_and_an_experiment_by_name_are_those_of_their_files(name: str) -> None:
    if name.startswith("train"):
        assert read_train_config(Path(name), {}) == read_train_config(FILES / f"{name}.yaml", {})
    else:
        by_name, by_file = read_experiment_config(Path(name)), read_experiment_config(FILES / f"{name}.yaml")
        assert by_name.training("learned", 0) == by_file.training("learned", 0)


def test_a_file_of_that_name_comes_first(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("frames: 7\n")
    assert not is_name(Path("demo"))
    assert load_config(Path("demo"), {}).frames == 7


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(UserError, match="one of: demo, "):
        load_config(Path("demos"), {})
