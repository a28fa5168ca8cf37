# SPDX-License-Identifier: BSD-3-Clause
"""The wheel without a checkout: what pip leaves out is asked for with the command that brings it."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from trust.wheel.wheel import PACKAGES, build_wheel, copy_sources, left_out

ROOT = Path(__file__).parents[1]
COMMANDS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
#: What pip does not install, as it is not declared: modules and descriptions.
LEFT_OUT = ("finn", "finn_plus", "nilearn")


def built(folder: Path, project: Path = ROOT) -> Path:
    """The wheel of a project, made with the tools that are installed here."""
    folder.mkdir()
    return build_wheel([sys.executable, "-m", "pip", "wheel", "--no-build-isolation"], folder, project)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel") / "made")


@pytest.fixture(scope="module")
def wheel(archive: Path) -> Path:
    """What the wheel installs, in a folder of its own."""
    installed = archive.parents[1] / "installed"
    shutil.unpack_archive(archive, installed, "zip")
    return installed


class Machine:
    """A Python that has the wheel and what is installed here, but for some packages."""

    def __init__(self, folder: Path, wheel: Path, hidden: tuple[str, ...]) -> None:
        packages = folder / "packages"
        packages.mkdir(parents=True)
        for path in Path(sysconfig.get_path("purelib")).iterdir():
            name = path.name.lower().replace("-", "_")
            if path.suffix != ".pth" and not any(
                name == h or name.startswith((f"{h}.", f"{h}_", f"{h}-")) for h in hidden
            ):
                (packages / path.name).symlink_to(path)
        self.folder = folder
        self._environment = {**os.environ, "PYTHONPATH": f"{wheel}:{packages}"}

    def run(self, command: str, *arguments: str) -> tuple[int, str]:
        """Exit status and output of an installed command."""
        module, function = COMMANDS[command].split(":")
        code = f"import sys; sys.argv[0] = {command!r}; from {module} import {function}; {function}()"
        done = subprocess.run(
            [sys.executable, "-S", "-c", code, *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def as_pip_leaves_it(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"), wheel, LEFT_OUT)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("qu-build", ()),
        ("qu-eval", ()),
        ("qu-train", ("--output", "run")),
        ("qu-data", ()),
        ("qu-export", ("--output", "net.onnx", "--frames", "1")),
    ],
)
def test_one_message_names_what_is_missing_and_the_command(
    as_pip_leaves_it: Machine, command: str, arguments: tuple[str, ...]
) -> None:
    status, said = as_pip_leaves_it.run(command, *arguments)
    assert status == 2
    assert "Traceback" not in said and "make setup" not in said
    assert said.count("error:") == 1
    assert "-m pip install --no-deps" in said and "nilearn==" in said


def test_the_command_brings_all_that_pip_left_out_at_once(as_pip_leaves_it: Machine) -> None:
    _, said = as_pip_leaves_it.run("qu-build")
    wanted = [line for line in (ROOT / "requirements" / "no-deps.txt").read_text().splitlines() if line[0] != "#"]
    assert f"{sys.executable} -m pip install --no-deps {' '.join(wanted)}" in said


def test_the_doctor_says_it_for_each_package_and_flow(as_pip_leaves_it: Machine) -> None:
    status, said = as_pip_leaves_it.run("qu-doctor")
    assert status == 0
    assert "MISSING  finn-plus" in said and "MISSING  nilearn" in said
    assert "pip install --no-deps finn-plus" in said and "make setup" not in said
    assert "could not be examined" not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_a_package_that_every_command_imports_is_asked_for(tmp_path: Path, wheel: Path, command: str) -> None:
    status, said = Machine(tmp_path, wheel, ("click", "rich")).run(command, "--help")
    assert status == 2
    assert said.startswith("error: the Python package click is missing, and so is rich\n")
    assert "-m pip install 'click" in said


def test_no_file_of_the_packages_is_left_out(archive: Path) -> None:
    assert left_out(archive) == []


def test_a_kind_of_file_that_the_package_does_not_name_is_found_missing(tmp_path: Path) -> None:
    project = tmp_path / "project"
    copy_sources(project)
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text().replace('"**/*.html", ', ""))
    missing = left_out(built(tmp_path / "made", project), project)
    assert "hw_flows/report/page.html" in missing
    assert {Path(name).suffix for name in missing} == {".html"}


def test_nothing_else_is_in_it(archive: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        tops = {name.split("/")[0] for name in file.namelist()}
    assert {name for name in tops if not name.endswith(".dist-info")} == set(PACKAGES)


def test_its_metadata_has_ranges_and_a_licence(archive: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        (name,) = (name for name in file.namelist() if name.endswith("/METADATA"))
        described = email.message_from_bytes(file.read(name))
    assert described["License-Expression"] == "BSD-3-Clause"
    needed = [Requirement(text) for text in described.get_all("Requires-Dist")]
    assert [str(r) for r in needed if any(s.operator in ("==", "===") for s in r.specifier)] == []


def test_configurations_come_with_the_wheel(as_pip_leaves_it: Machine, wheel: Path) -> None:
    files = sorted(path.name for path in (ROOT / "build_configs").glob("*.yaml"))
    assert sorted(path.name for path in (wheel / "quantunet_common" / "configs").iterdir()) == files
    _, said = as_pip_leaves_it.run("qu-build", "--config", "demo")
    assert "does not exist" not in said


def test_every_command_shows_its_help(as_pip_leaves_it: Machine) -> None:
    for command in COMMANDS:
        status, said = as_pip_leaves_it.run(command, "--help")
        assert (status, said.split()[:2]) == (0, ["Usage:", command])
