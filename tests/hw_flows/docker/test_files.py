# SPDX-License-Identifier: BSD-3-Clause
"""docker/: nothing runs as root, a changed source repeats little, and the entry point sets up tools."""

from __future__ import annotations

import subprocess

import pytest

from hw_flows.docker.images import OPEN, VENDOR
from hw_flows.docker.plan import OF_THE_IMAGE
from tests.hw_flows.docker.conftest import install_vivado
from tests.hw_flows.docker.dockerfile import PROJECT, Context, stages

ENTRY_POINT = PROJECT / "docker" / "entrypoint.sh"


STAGES = stages(Context(PROJECT).dockerfile)


@pytest.mark.parametrize("name", [OPEN, VENDOR])
def test_an_image_ends_as_a_user_without_a_name(name):
    users = [step.rest for step in STAGES[name] if step.word == "USER"]
    assert users == ["1000:1000"]


@pytest.mark.parametrize("name", [OPEN, VENDOR])
def test_a_changed_source_repeats_only_the_last_layers(name):
    steps = STAGES[name]
    first = next(n for n, step in enumerate(steps) if step.word == "COPY" and step.from_stage == "sources")
    late = [step.rest for step in steps[first:] if step.word == "RUN"]
    assert len(late) == 1 and "--no-deps" in late[0] and "apt-get" not in late[0]
    early = [name for step in steps[:first] for name in step.copied]
    assert all(name.startswith(("requirements/", "docker/")) for name in early)


def test_a_mount_cannot_hide_the_images_own_folder():
    (folder,) = {step.rest for steps in STAGES.values() for step in steps if step.word == "WORKDIR"}
    assert folder in OF_THE_IMAGE


def start(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", str(ENTRY_POINT), "sh", "-c", script]
    env = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env)


def test_the_entry_point_becomes_the_command():
    result = start("echo $PATH; exit 7")
    assert (result.stdout, result.returncode) == ("/usr/bin:/bin\n", 7)


@pytest.mark.parametrize("newer_layout", [False, True], ids=["to 2024", "from 2025"])
def test_the_entry_point_sets_up_mounted_tools(tmp_path, newer_layout):
    vivado = install_vivado(tmp_path, "2025.1", newer_layout)
    vitis = tmp_path / "2025.1" / "Vitis" if newer_layout else tmp_path / "Vitis" / "2025.1"
    vitis.mkdir(parents=True)
    (vitis / "settings64.sh").write_text(f"export XILINX_VITIS={vitis}\nexport XILINX_HLS={vitis}\n")
    script = "vivado; echo $VIVADO_PATH; echo $VITIS_PATH; echo $HLS_PATH; echo $XILINX_HLS"
    result = start(script, FINN_XILINX_PATH=str(tmp_path), FINN_XILINX_VERSION="2025.1")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [f"vivado of {vivado}", str(vivado), str(vitis), str(vitis), str(vitis)]


def test_the_entry_point_takes_vitis_hls_where_it_is_a_tool_of_its_own(tmp_path):
    install_vivado(tmp_path)
    hls = tmp_path / "Vitis_HLS" / "2022.2"
    hls.mkdir(parents=True)
    (hls / "settings64.sh").write_text("")
    result = start("echo $HLS_PATH $XILINX_HLS", FINN_XILINX_PATH=str(tmp_path), FINN_XILINX_VERSION="2022.2")
    assert result.stdout == f"{hls} {hls}\n"


def test_the_entry_point_refuses_tools_that_are_not_mounted(tmp_path):
    result = start("echo started", FINN_XILINX_PATH=str(tmp_path), FINN_XILINX_VERSION="2022.2")
    assert result.returncode == 2 and "started" not in result.stdout
    assert f"{tmp_path}/Vivado/2022.2/settings64.sh is not there" in result.stderr
    assert start("true", FINN_XILINX_PATH=str(tmp_path)).returncode == 2
