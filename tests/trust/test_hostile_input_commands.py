"""The trials attack the commands that are installed, through every option that names a file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from trust.hostile_input.commands import installed
from trust.hostile_input.seeds import Seeds, make_seeds
from trust.hostile_input.trial import every_case

SCRIPTS: dict[str, str] = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["scripts"]


def _command(name: str, monkeypatch: pytest.MonkeyPatch) -> click.Command:
    """The click command that an installed script ends in."""
    module = import_module(SCRIPTS[name].split(":")[0])
    called: list[str] = []
    monkeypatch.setattr(module, "start", called.append)
    installed()[name]()
    (target,) = called
    place, function = target.split(":")
    home = import_module(place)
    found = getattr(home, function)
    return found if isinstance(found, click.Command) else getattr(home, function.replace("_main", "_command"))


def _file_parameters(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter.type, (click.Path, click.File)):
            yield parameter.opts[0] if isinstance(parameter, click.Option) else str(parameter.name).upper()


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """Command and option of every case."""
    seeds: Seeds = make_seeds(tmp_path_factory.mktemp("hostile") / "seeds")
    return {(case.program, case.attacked) for case in every_case(seeds)}


def test_every_installed_command_is_attacked(attacked: set[tuple[str, str]]) -> None:
    assert {program for program, _ in attacked} == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_option_that_names_a_file_is_attacked(
    name: str, attacked: set[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = set(_file_parameters(_command(name, monkeypatch)))
    assert wanted or name == "qu-doctor"
    assert wanted - {option for program, option in attacked if program == name} == set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_options_that_sound_like_files_are_files(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the test above would not see them."""
    for parameter in _command(name, monkeypatch).params:
        words = f"{parameter.metavar or ''} {getattr(parameter, 'help', '') or ''}".lower()
        if parameter.type is click.STRING:
            assert not {"file", "folder", "dir"} & set(words.replace(".", " ").split()), parameter.name
