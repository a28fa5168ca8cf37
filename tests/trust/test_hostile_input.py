# SPDX-License-Identifier: BSD-3-Clause
"""A sample of the bad inputs, and whether those who watch them see what they are there for."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from trust.hostile_input import mutate
from trust.hostile_input.case import MEMORY_BOUND, InputVerdict
from trust.hostile_input.commands import installed
from trust.hostile_input.names import rename
from trust.hostile_input.payloads import CANARY, CANARY_MODULE, SECRET
from trust.hostile_input.pool import judge, listing
from trust.hostile_input.seeds import Seeds, make_seeds
from trust.hostile_input.trial import every_case, run_on

ROOT = Path(__file__).parents[2]
SCRIPTS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    return make_seeds(tmp_path_factory.mktemp("hostile") / "seeds")


def test_a_sample_of_bad_inputs_ends_in_messages(seeds: Seeds, tmp_path: Path) -> None:
    said: list[str] = []
    outcome = run_on(seeds, tmp_path, True, said.append)
    assert outcome.holds, "\n".join(said)
    assert int(outcome.figures["tried"]) >= 68
    assert int(outcome.figures["refused"]) > int(outcome.figures["accepted"]) > 0


HARM = {
    "os.system('true')": "EXECUTED",
    "subprocess.run(['true'])": "EXECUTED",
    "pickle.loads(pickle.dumps(len))": "EXECUTED",
    f"__import__('{CANARY_MODULE}')": "EXECUTED",
    "open('elsewhere', 'w')": "ESCAPED",
    "open('out/../elsewhere', 'w')": "ESCAPED",
    "os.rename('out/file', 'elsewhere')": "ESCAPED",
    "os.symlink('/', 'link')": "ESCAPED",
    "pathlib.Path('link_outside/x').mkdir()": "ESCAPED",
    "socket.socket().connect(('127.0.0.1', 9))": "ESCAPED",
    "open('out/file', 'w')": "",
    "open('out/link', 'w')": "ESCAPED",
    "open('elsewhere')": "",
    "os.rename('out/file', 'out/other')": "",
}


@pytest.mark.parametrize("code", HARM)
def test_the_guard_sees_harm_and_nothing_else(tmp_path: Path, code: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").touch()
    (tmp_path / "aside").mkdir()
    (tmp_path / "out" / "link").symlink_to("../elsewhere")
    (tmp_path / "elsewhere").touch()
    (tmp_path / "link_outside").symlink_to("aside")
    seen = os.open(tmp_path / "seen", os.O_WRONLY | os.O_CREAT)
    program = (
        "import os, pathlib, pickle, socket, subprocess, sys; from trust.hostile_input.guard import watch; "
        f"watch({seen}, [pathlib.Path('out')]); {code}"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        pass_fds=[seen],
        timeout=60,
        check=False,
        stderr=subprocess.DEVNULL,
    )
    os.close(seen)
    assert (tmp_path / "seen").read_text().split(" ")[0] == HARM[code]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a case was tried that ended with a clear message."""
    for name in ("in", "out", "tmp", "cache"):
        (tmp_path / name).mkdir()
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "said.txt").write_text("error: the file is damaged\n")
    (tmp_path / "seen.txt").touch()
    return tmp_path


def verdict(folder: Path, before: dict[str, tuple[int, int]] | None = None, **more: object) -> InputVerdict:
    outcome = {"status": 2, "timed_out": False, "memory": 0, "seconds": 1.0, **more}
    return judge(folder, outcome, listing(folder) if before is None else before)[0]


def test_a_clear_message_is_a_refusal_and_success_is_acceptance(folder: Path) -> None:
    assert verdict(folder) is InputVerdict.REFUSED
    assert verdict(folder, status=0) is InputVerdict.ACCEPTED


@pytest.mark.parametrize(
    ("said", "more", "expected"),
    [
        ("Traceback (most recent call last):\nKeyError: 1", {"status": 1}, InputVerdict.TRACEBACK),
        ("error: x", {"status": 70}, InputVerdict.TRACEBACK),
        ("error: x", {"status": -11}, InputVerdict.TRACEBACK),
        ("error: x", {"timed_out": True, "status": -9}, InputVerdict.HANG),
        ("error: x", {"memory": MEMORY_BOUND + 1}, InputVerdict.MEMORY),
        ("", {}, InputVerdict.GARBLED),
        ("error: \x1b[2J", {}, InputVerdict.GARBLED),
        ("error: " + "x" * 10_000, {}, InputVerdict.GARBLED),
    ],
)
def test_what_is_no_clear_message_is_seen(
    folder: Path, said: str, more: dict[str, object], expected: InputVerdict
) -> None:
    (folder / "said.txt").write_text(said)
    assert verdict(folder, **more) is expected


def test_a_canary_a_secret_that_is_copied_or_told_and_a_changed_file_are_seen(folder: Path) -> None:
    before = listing(folder)
    (folder / "out" / "copy").write_bytes(b"..." + SECRET)
    assert verdict(folder, before) is InputVerdict.ESCAPED
    (folder / "out" / "copy").unlink()
    (folder / "said.txt").write_bytes(b"error: " + SECRET)
    assert verdict(folder, before) is InputVerdict.ESCAPED
    (folder / "said.txt").write_text("error: the file is damaged")
    (folder / "new").touch()
    assert verdict(folder, before) is InputVerdict.ESCAPED
    (folder / "tmp" / CANARY).touch()
    assert verdict(folder, before) is InputVerdict.EXECUTED


def test_damage_is_the_same_every_time_and_is_damage() -> None:
    data = bytes(range(256)) * 4
    once, again = (list(mutate.damaged(data, 32, "seed")) for _ in range(2))
    assert once == again
    assert sum(content == data for _, content in once) <= 1
    tree = {"a": {"b": [1, 2]}, "c": None}
    assert [name for name, _ in mutate.changed(tree, 20, "seed")] == [
        name for name, _ in mutate.changed(tree, 20, "seed")
    ]


def test_every_name_of_a_network_becomes_hostile() -> None:
    from onnx import TensorProto, helper

    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    model = helper.make_model(
        helper.make_graph([helper.make_node("Relu", ["x"], ["y"], name="n")], "g", values[:1], values[1:])
    )
    rename(model)
    node = model.graph.node[0]
    assert node.input[0] == model.graph.input[0].name != "x"
    assert node.output[0] == model.graph.output[0].name != "y"
    assert len({node.name, *node.input, *node.output}) == 3


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
def attacked(seeds: Seeds) -> set[tuple[str, str]]:
    """Command and option of every case."""
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
