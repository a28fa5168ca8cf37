# SPDX-License-Identifier: BSD-3-Clause
"""What each stage of docker/Dockerfile copies suffices for what it runs; nothing else of the project is there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
from setuptools import find_packages

from hw_flows.docker.images import OPEN, VENDOR, context_names
from hw_flows.place_route.debian_tools import KEPT, WANTED
from tests.hw_flows.docker.dockerfile import PROJECT, Context, stages
from tests.hw_flows.docker.imports import brought_by, missing, missing_from, modules

CONTEXT = Context(PROJECT)
STAGES = stages(CONTEXT.dockerfile)
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text())
SCRIPTS: dict[str, str] = SETTINGS["project"]["scripts"]
#: Packages beside the project's own: its tests and evidence.
OURS = {file.parent.name for file in PROJECT.glob("*/__init__.py")}
#: For experiments on SLURM, which the image cannot reach, and for tests.
NOT_FOR_IMAGES = {"dask-jobqueue", "pytest"}


@pytest.fixture(scope="module", params=[OPEN, VENDOR])
def image(request, tmp_path_factory):
    """The stage of an image and the project's folder in it."""
    folder = CONTEXT.lay_out(request.param, tmp_path_factory.mktemp("image") / "root")
    return request.param, folder / "source"


def python(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with only `folder` and installed packages on its path; the project's own is not among them."""
    path = [str(folder), sysconfig.get_paths()["purelib"]]
    script = f"import sys; sys.path[:0] = {path!r}; {code}"
    environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, "-I", "-S", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_all_that_is_let_through_is_copied_or_the_dockerfiles_own():
    copied = {name.split("/")[0] for steps in STAGES.values() for step in steps for name in step.copied}
    assert sorted(copied | {"docker"}) == context_names(PROJECT)


def test_every_command_starts_in_every_image(image, tmp_path):
    _, source = image
    for command, target in SCRIPTS.items():
        module, function = target.split(":")
        code = (
            f"from {module} import {function} as command; import {module} as m; "
            f"assert m.__file__.startswith({str(source)!r}), m.__file__; sys.argv[:] = [{command!r}, '--help']; command()"
        )
        started = python(code, source, HOME=str(tmp_path), LANG="C.UTF-8")
        assert started.returncode == 0 and "Usage: " in started.stdout, f"{command}: {started.stderr}"


def test_the_package_of_every_command_is_installed_in_every_image(image):
    _, source = image
    patterns = SETTINGS["tool"]["setuptools"]["packages"]["find"]["include"]
    installed = find_packages(str(source), include=patterns)
    assert {target.partition(".")[0] for target in SCRIPTS.values()} <= set(installed)
    assert set(installed) == {name for name, file in modules(source).items() if file.name == "__init__.py"}


def installed_in(stage: str) -> set[str]:
    """Distributions that a stage installs by its lists of requirements, and pip, which its virtual environment brings."""
    runs = [step.rest for step in STAGES[stage] if step.word == "RUN" and "pip install" in step.rest]
    calls = [call for line in runs for call in line.split("&&") if "-r requirements/" in call]
    files: dict[bool, list[Path]] = {True: [], False: []}
    for call in calls:
        files["--no-deps" in call] += [PROJECT / name for name in re.findall(r"-r (\S+)", call)]
    return brought_by(files[False], files[True]) | {"pip"}


def test_every_import_of_an_image_is_met(image):
    stage, source = image
    assert missing(source, OURS, installed_in(stage) | NOT_FOR_IMAGES) == []


def test_the_vendors_image_has_all_that_finns_builder_imports():
    packages = ("finn", "qonnx", "finn_xsi")
    vivados_own = ["finn_xsi.sim_engine imports xsi"]
    assert missing_from("finn.builder.build_dataflow", packages, installed_in(VENDOR)) == vivados_own
    assert any(
        "imports mip" in line for line in missing_from("finn.builder.build_dataflow", packages, installed_in(OPEN))
    )


def test_an_import_that_is_not_copied_or_not_required_is_found(tmp_path):
    package = tmp_path / "hw_flows"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text(
        "import json, numpy\nfrom hw_flows import b\nfrom hw_flows.c import d\nfrom . import e\n"
        "def later():\n    from quantunet_lab import x\n    run(['python', '-m', 'proofs'])\n"
        "try:\n    import hypothesis\nexcept ImportError:\n    pass\n"
    )
    (package / "b.py").write_text("import hypothesis\n")
    assert missing(tmp_path, {"hw_flows", "quantunet_lab", "proofs"}, {"numpy"}) == [
        "hw_flows.a imports hw_flows.c",
        "hw_flows.a imports proofs",
        "hw_flows.a imports quantunet_lab",
        "hw_flows.b imports hypothesis",
    ]


def test_the_stage_of_place_and_route_fetches_it_with_what_it_copies(tmp_path):
    """Its own command on a made-up archive, with the standard library alone."""
    folder = CONTEXT.lay_out("xc7-tools", tmp_path / "root")
    pins = folder / "source" / "hw_flows" / "place_route" / "debian_packages.json"
    assert pins.is_file()
    package = {"version": "1.0", "sha256": hashlib.sha256(b"a package").hexdigest()}
    pins.write_text(json.dumps(dict.fromkeys(WANTED, package)))
    unpack = " ".join(f"mkdir -p $3/{Path(n).parent}; test -d $3/{n} || printf program > $3/{n};" for n in KEPT)
    stand_ins = {
        "apt-get": "mkdir -p lists; touch lists/x_Packages; "
        f"case $* in *download*) for name in {' '.join(WANTED)}; do printf 'a package' > $name.deb; done;; esac",
        "apt-cache": "exit 0",
        "dpkg-deb": f'case $1 in --show) echo "$(basename $4 .deb) 1.0";; *) {unpack} esac',
        "python3": f'exec {sys.executable} -S "$@"',
    }
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in stand_ins.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    (run,) = [step.rest for step in STAGES["xc7-tools"] if step.word == "RUN" and "python3 -m" in step.rest]
    (command,) = [part for part in run.split("&&") if "python3 -m" in part]
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "QU_DEBIAN_MIRROR": "http://m/debian", "HOME": str(tmp_path)}
    result = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    (tools,) = folder.glob("tools/debian-*")
    assert result.stdout.splitlines() == [*(f"{name} 1.0" for name in WANTED), str(tools)]
