# SPDX-License-Identifier: BSD-3-Clause
"""What the stand-in for podman makes buildah do, with a buildah that notes its calls."""

from __future__ import annotations

import json

import pytest

from trust.containers import podman_by_buildah
from trust.containers.podman_by_buildah import main

IMAGE = {"Docker": {"config": {"Entrypoint": ["the-entrypoint"], "Cmd": ["the-command"]}}}


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """`buildah` on PATH: it has the image `flow:open`, `run` ends with status 7; the calls as lists."""
    notes, program = tmp_path / "notes", tmp_path / "bin" / "buildah"
    program.parent.mkdir()
    program.write_text(
        "#!/usr/bin/env python3\n"
        "import json, sys\n"
        f"open({str(notes)!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        "verb, last = sys.argv[1], sys.argv[-1]\n"
        "if verb == 'from': print('flow-working'); sys.exit(last != 'flow:open')\n"
        f"if verb == 'inspect': print(json.dumps({IMAGE!r}))\n"
        "if verb == 'images':\n"
        "    if last != 'flow:open': sys.exit(125)\n"
        "    print(json.dumps([{'id': 'abc', 'size': '2.75 GB'}]))\n"
        "sys.exit(7 if verb == 'run' else 0)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    for name in podman_by_buildah.SETTINGS:
        monkeypatch.setenv(name, "as set")
    return lambda: [json.loads(line) for line in notes.read_text().splitlines()]


def test_a_container_is_run_with_its_entry_point_and_removed(calls):
    mount = "type=bind,source=/data,target=/data,readonly"
    status = main(
        [
            "run",
            "--rm",
            "--init",
            "--name",
            "n",
            "--user",
            "0:0",
            "--security-opt",
            "label=disable",
            "--mount",
            mount,
            "--mount",
            "type=bind,source=/out,target=/out",
            "--env",
            "A=b",
            "--workdir",
            "/data",
            "--user",
            "4711:4711",
            "flow:open",
            "qu-build",
            "--batch",
        ]
    )
    (run,) = [call for call in calls() if call[0] == "run"]
    assert status == 7
    assert run == [
        "run",
        "--user",
        "4711:4711",
        "--workingdir",
        "/data",
        "--mount",
        mount,
        "--mount",
        "type=bind,source=/out,target=/out,rw",
        "--env",
        "A=b",
        "flow-working",
        "--",
        "the-entrypoint",
        "qu-build",
        "--batch",
    ]
    assert ["from", "--pull-never", "--name", "n", "flow:open"] in calls()
    assert calls()[-1] == ["rm", "flow-working"]


def test_without_a_command_the_images_own_is_run(calls):
    main(["run", "flow:open"])
    (run,) = [call for call in calls() if call[0] == "run"]
    assert run == ["run", "flow-working", "--", "the-entrypoint", "the-command"]


def test_an_image_that_is_not_there_is_the_engines_own_failure(calls):
    assert main(["run", "flow:none", "true"]) == 125
    assert main(["image", "inspect", "--format", "{{.Id}}", "flow:none"]) == 1


def test_size_and_id_are_told(calls, capsys):
    for question in ("{{.Size}}", "{{.Id}}"):
        assert main(["image", "inspect", "--format", question, "flow:open"]) == 0
    assert capsys.readouterr().out.split() == ["2750000000", "abc"]


def test_it_is_taken_for_a_podman_of_root(calls, capsys):
    assert main(["--version"]) == 0 and "podman" in capsys.readouterr().out
    assert main(["info", "--format", "{{.Host.Security.Rootless}}"]) == 0 and capsys.readouterr().out == "false\n"


def test_a_build_is_handed_on(calls):
    assert main(["build", "--target", "open", "."]) == 0
    (build,) = calls()
    assert build[0] == "bud" and build[-3:] == ["--target", "open", "."]


def test_what_it_does_not_know_it_refuses(calls):
    assert main(["pull", "flow:open"]) == 125
