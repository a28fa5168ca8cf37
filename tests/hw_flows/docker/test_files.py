"""docker/: what the Dockerfile copies exists and is let through, nothing runs as root, and the entry point sets up tools."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hw_flows.docker.images import CONTEXT, OPEN, VENDOR
from hw_flows.docker.plan import OF_THE_IMAGE
from tests.hw_flows.docker.conftest import install_vivado

PROJECT = Path(__file__).resolve().parents[3]
ENTRY_POINT = PROJECT / "docker" / "entrypoint.sh"


def instructions() -> list[tuple[str, str]]:
    """Instruction and arguments, in order, lines joined and comments left out."""
    text = (PROJECT / "docker" / "Dockerfile").read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def stage(name: str) -> list[tuple[str, str]]:
    """Instructions of a stage, with those of the stages it starts from."""
    result: list[tuple[str, str]] = []
    inside = False
    for word, rest in instructions():
        if word == "FROM":
            parent, _, own = rest.split()
            if inside := own == name:
                result += [] if "$" in parent else stage(parent)
        elif inside:
            result.append((word, rest))
    assert result, name
    return result


def copied(rest: str) -> list[str]:
    """Sources in the project's folder of a COPY."""
    words = rest.split()
    return [] if "--from=" in rest else [word for word in words[:-1] if not word.startswith("--")]


def test_what_is_copied_exists_and_counts_for_the_name_of_the_image():
    let_through = [line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for word, rest in instructions():
        for source in copied(rest) if word == "COPY" else []:
            assert (PROJECT / source).exists(), source
            assert source.split("/")[0] in let_through and source.split("/")[0] in CONTEXT, source
    assert sorted(let_through) == sorted(CONTEXT)


@pytest.mark.parametrize("name", [OPEN, VENDOR])
def test_an_image_ends_as_a_user_without_a_name(name):
    users = [rest for word, rest in stage(name) if word == "USER"]
    assert users == ["1000:1000"]


@pytest.mark.parametrize("name", [OPEN, VENDOR])
def test_a_changed_source_repeats_only_the_last_layers(name):
    steps = stage(name)
    first = next(n for n, (word, rest) in enumerate(steps) if word == "COPY" and "hw_flows" in copied(rest))
    late = [rest for word, rest in steps[first:] if word == "RUN"]
    assert len(late) == 1 and "--no-deps" in late[0] and "apt-get" not in late[0]


def test_a_mount_cannot_hide_the_images_own_folder():
    (folder,) = [rest for word, rest in instructions() if word == "WORKDIR"]
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
