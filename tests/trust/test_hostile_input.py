"""A sample of the bad inputs, and whether those who watch them see what they are there for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trust.hostile_input import mutate
from trust.hostile_input.case import MEMORY_BOUND, Verdict
from trust.hostile_input.names import rename
from trust.hostile_input.payloads import CANARY, CANARY_MODULE, SECRET
from trust.hostile_input.pool import judge, listing
from trust.hostile_input.trial import run

ROOT = Path(__file__).parents[2]


def test_a_sample_of_bad_inputs_ends_in_messages(tmp_path: Path) -> None:
    said: list[str] = []
    outcome = run(tmp_path, True, said.append)
    assert outcome.holds, "\n".join(said)
    assert int(outcome.figures["tried"]) >= 56
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
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, pass_fds=[seen], timeout=60,
        check=False, stderr=subprocess.DEVNULL,
    )  # fmt: skip
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


def verdict(folder: Path, before: dict[str, tuple[int, int]] | None = None, **more: object) -> Verdict:
    outcome = {"status": 2, "timed_out": False, "memory": 0, "seconds": 1.0, **more}
    return judge(folder, outcome, listing(folder) if before is None else before)[0]


def test_a_clear_message_is_a_refusal_and_success_is_acceptance(folder: Path) -> None:
    assert verdict(folder) is Verdict.REFUSED
    assert verdict(folder, status=0) is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("said", "more", "expected"),
    [
        ("Traceback (most recent call last):\nKeyError: 1", {"status": 1}, Verdict.TRACEBACK),
        ("error: x", {"status": 70}, Verdict.TRACEBACK),
        ("error: x", {"status": -11}, Verdict.TRACEBACK),
        ("error: x", {"timed_out": True, "status": -9}, Verdict.HANG),
        ("error: x", {"memory": MEMORY_BOUND + 1}, Verdict.MEMORY),
        ("", {}, Verdict.GARBLED),
        ("error: \x1b[2J", {}, Verdict.GARBLED),
        ("error: " + "x" * 10_000, {}, Verdict.GARBLED),
    ],
)
def test_what_is_no_clear_message_is_seen(folder: Path, said: str, more: dict[str, object], expected: Verdict) -> None:
    (folder / "said.txt").write_text(said)
    assert verdict(folder, **more) is expected


def test_a_canary_a_copied_secret_and_a_changed_file_are_seen(folder: Path) -> None:
    before = listing(folder)
    (folder / "out" / "copy").write_bytes(b"..." + SECRET)
    assert verdict(folder, before) is Verdict.ESCAPED
    (folder / "out" / "copy").unlink()
    (folder / "new").touch()
    assert verdict(folder, before) is Verdict.ESCAPED
    (folder / "tmp" / CANARY).touch()
    assert verdict(folder, before) is Verdict.EXECUTED


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
