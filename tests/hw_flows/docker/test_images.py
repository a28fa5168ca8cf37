# SPDX-License-Identifier: BSD-3-Clause
import shutil

import pytest

from hw_flows.docker.engine import find_engine
from hw_flows.docker.images import (
    LET_THROUGH,
    OPEN,
    VENDOR,
    context_files,
    context_hash,
    context_names,
    find_image,
    project_folder,
    require_image,
    stage_of,
)
from hw_flows.machine.errors import UserError


@pytest.fixture
def project(tmp_path):
    """A small project of the same shape."""
    root = tmp_path / "project"
    root.mkdir()
    (root / LET_THROUGH).write_text("# all but\n*\n!README.md\n!docker\n!hw_flows\n**/__pycache__\n")
    (root / "README.md").write_text("read me")
    for name in ("docker", "hw_flows"):
        (root / name).mkdir()
        (root / name / "file.py").write_text(name)
    (root / "docker" / "Dockerfile").write_text("FROM scratch")
    return root


@pytest.mark.parametrize(
    "flow, environment, stage",
    [
        ("none", {"FINN_XILINX_PATH": "/opt/Xilinx"}, OPEN),
        ("open", {}, OPEN),
        ("auto", {}, OPEN),
        ("auto", {"FINN_XILINX_PATH": "/opt/Xilinx"}, VENDOR),
        ("auto", {"XILINX_VIVADO": "/opt/Xilinx/Vivado/2022.2"}, VENDOR),
        ("vivado", {}, VENDOR),
        ("finn", {}, VENDOR),
    ],
)
def test_the_flow_decides_on_the_image(flow, environment, stage):
    assert stage_of(flow, environment) == stage


def test_the_name_of_an_image_follows_its_sources(project):
    before = find_image(OPEN, context=project).name
    assert before.startswith("quantunet-flow:open-")
    (project / "hw_flows" / "__pycache__").mkdir()
    (project / "hw_flows" / "__pycache__" / "file.pyc").write_bytes(b"compiled")
    (project / "builds").mkdir()
    (project / "builds" / "result").write_text("of a build")
    assert find_image(OPEN, context=project).name == before, "what is not copied does not count"
    (project / "hw_flows" / "file.py").write_text("changed")
    changed = find_image(OPEN, context=project).name
    assert changed != before
    (project / "hw_flows" / "file.py").rename(project / "hw_flows" / "renamed.py")
    assert find_image(OPEN, context=project).name not in (before, changed)


def test_what_the_engine_is_given_is_named_once(project):
    assert context_names(project) == ["README.md", "docker", "hw_flows"]
    before = context_hash(project)
    (project / "more").mkdir()
    (project / "more" / "file.py").write_text("a package")
    assert context_hash(project) == before
    (project / LET_THROUGH).write_text((project / LET_THROUGH).read_text() + "!more\n")
    assert context_hash(project) != before


def test_every_source_of_the_packages_counts():
    names = {path.relative_to(project_folder()).as_posix() for path in context_files(project_folder())}
    assert {
        "hw_flows/cli.py",
        "quantunet/model.py",
        "quantunet_lab/cli.py",
        "docker/Dockerfile",
        "requirements/base.txt",
    } <= names
    assert not any("__pycache__" in name for name in names)
    assert context_hash(project_folder()) == context_hash(project_folder())


def test_an_absent_image_is_built_once(engine, project, monkeypatch, capfd):
    monkeypatch.setenv("FINN_DOCKER_BUILD_EXTRA", "--build-arg 'PIP_ARGS=--extra-index-url x'")
    image = find_image(VENDOR, context=project)
    for _ in range(2):
        require_image(find_engine(), image, {"FINN_DOCKER_BUILD_EXTRA": "--build-arg 'PIP_ARGS=--extra-index-url x'"})
    (command,) = engine.calls_of("build")
    assert command == [
        "build",
        "--file",
        str(project / "docker" / "Dockerfile"),
        "--target",
        "vendor",
        "--tag",
        image.name,
        "--build-arg",
        "PIP_ARGS=--extra-index-url x",
        str(project),
    ]
    assert capfd.readouterr().out.count("building the image") == 1


def test_a_failed_build_is_told_with_its_command(engine, project, monkeypatch):
    monkeypatch.setenv("MOCK_STATUS", "1")
    with pytest.raises(UserError, match="ended with status 1") as error:
        require_image(find_engine(), find_image(OPEN, context=project), {})
    assert "build --file" in error.value.fix


def test_an_image_of_the_users_own_is_never_built(engine, project):
    image = find_image(OPEN, "lab/flow:3", context=project)
    with pytest.raises(UserError, match="lab/flow:3 is not on this machine") as error:
        require_image(find_engine(), image, {})
    assert "pull lab/flow:3" in error.value.fix
    assert engine.calls_of("build") == []


def test_an_installation_without_a_dockerfile_says_so(project):
    shutil.rmtree(project / "docker")
    with pytest.raises(UserError, match="no docker/Dockerfile"):
        find_image(OPEN, context=project)
