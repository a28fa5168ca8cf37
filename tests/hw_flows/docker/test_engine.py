# SPDX-License-Identifier: BSD-3-Clause
import os

import pytest

from hw_flows.docker.engine import ContainerEngine, find_engine
from hw_flows.machine.errors import UserError

IDS = f"{os.getuid()}:{os.getgid()}"


def test_docker_that_answers_is_taken(engine):
    found = find_engine()
    assert found == ContainerEngine(engine.folder / "bin" / "docker", podman=False, rootless=False)
    assert found.user_arguments()[:2] == ["--user", IDS]


def test_groups_of_the_caller_come_along(engine, monkeypatch):
    monkeypatch.setattr(os, "getgroups", lambda: [0, os.getgid(), 4321])
    assert find_engine().user_arguments()[2:] == ["--group-add", "4321"]


def test_rootless_docker_maps_its_root_to_the_caller(engine, monkeypatch):
    monkeypatch.setenv("MOCK_INFO", '["name=seccomp,profile=builtin","name=rootless"]')
    assert find_engine().user_arguments() == ["--user", "0:0"]


def test_podman_under_the_name_of_docker_is_recognized(engine, monkeypatch):
    monkeypatch.setenv("MOCK_INFO", "true")
    found = find_engine()
    assert found.podman and found.rootless
    assert found.user_arguments() == ["--userns", "keep-id", "--user", IDS]


def test_podman_is_taken_where_docker_is_absent(engine):
    (engine.folder / "bin" / "docker").rename(engine.folder / "bin" / "podman")
    assert find_engine().program.name == "podman"


def test_a_service_that_does_not_run_is_told_with_its_own_words(engine, monkeypatch):
    monkeypatch.setenv("MOCK_INFO", "silent")
    with pytest.raises(UserError, match="Cannot connect to the Docker daemon") as error:
        find_engine()
    assert "systemctl start docker" in error.value.fix


def test_no_engine_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="no docker and no podman on PATH") as error:
        find_engine()
    assert "apt install docker.io" in error.value.fix


def test_a_program_that_cannot_be_started_does_not_answer(engine):
    (engine.folder / "bin" / "docker").write_text("#!/no/such/interpreter\n")
    with pytest.raises(UserError, match="does not answer"):
        find_engine()
