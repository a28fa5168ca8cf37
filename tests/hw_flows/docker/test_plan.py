# SPDX-License-Identifier: BSD-3-Clause
import csv
import itertools
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from hw_flows.config import BuildConfig, load_config
from hw_flows.docker.engine import ContainerEngine
from hw_flows.docker.images import Image
from hw_flows.docker.plan import Mount, plan_run
from hw_flows.docker.xilinx import XilinxInstallation
from hw_flows.machine.errors import UserError
from tests.hw_flows.docker.conftest import install_vivado

ENGINE = ContainerEngine(Path("/usr/bin/docker"), podman=False, rootless=False)
IMAGE = Image("an-image", None, Path("/"))


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """A working folder and a cache of our own."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("QU_CACHE", str(tmp_path / "cache"))


def plan(cfg: BuildConfig, config=None, xilinx=None, arguments=(), **environment) -> list[str]:
    return list(plan_run(cfg, config, arguments, ENGINE, IMAGE, xilinx, environment).command)


def mounts(command: list[str]) -> dict[Path, bool]:
    """Path -> may it be written. Source and target are the same."""
    found = {}
    for flag, value in itertools.pairwise(command):
        if flag == "--mount":
            fields = next(csv.reader([value]))
            keys = dict(field.partition("=")[::2] for field in fields)
            assert keys["source"] == keys["target"] and keys["type"] == "bind"
            found[Path(keys["source"])] = "readonly" not in fields
    return found


def variables(command: list[str]) -> dict[str, str]:
    return dict(v.split("=", 1) for flag, v in itertools.pairwise(command) if flag == "--env")


def test_what_a_configuration_names_is_mounted_at_its_own_place(tmp_path):
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    for name in ("net.onnx", "x.npy", "y.npy", "folding.json"):
        (inputs / name).touch()
    config = inputs / "build.yaml"
    config.write_text(
        "model: net.onnx\nverify_input_npy: x.npy\nverify_expected_output_npy: y.npy\nfolding_config_file: folding.json\n"
        "output_dir: ../out\n"
    )
    command = plan(load_config(config, {}), config)
    assert mounts(command) == {
        **{inputs / name: False for name in ("net.onnx", "x.npy", "y.npy", "folding.json", "build.yaml")},
        tmp_path / "work": False,
        tmp_path / "out": True,
        tmp_path / "cache" / "container": True,
    }
    assert (tmp_path / "out").is_dir(), "made here, so that it is the caller's"
    assert variables(command)["XDG_CACHE_HOME"] == str(tmp_path / "cache" / "container")


def test_relative_paths_mean_the_same_inside(tmp_path):
    command = plan(BuildConfig(output_dir=Path("builds/demo")), arguments=["--output", "builds/demo"])
    assert command[command.index("--workdir") + 1] == str(tmp_path / "work")
    assert mounts(command)[tmp_path / "work" / "builds" / "demo"]
    paths = list(mounts(command))
    assert paths.index(tmp_path / "work") < paths.index(tmp_path / "work" / "builds" / "demo")
    assert command[-4:] == ["an-image", "qu-build", "--output", "builds/demo"]


def test_the_working_folder_may_be_the_output_folder(tmp_path):
    assert mounts(plan(BuildConfig(output_dir=Path())))[tmp_path / "work"]


def test_paths_with_commas_and_quotes(tmp_path):
    folder = tmp_path / 'a, "b": c'
    assert mounts(plan(BuildConfig(output_dir=folder)))[folder]
    assert Mount(Path("/plain")).argument() == "type=bind,source=/plain,target=/plain,readonly"


def test_weights_beside_an_onnx_file_come_along(tmp_path):
    weights = numpy_helper.from_array(np.ones((64, 64), np.float32), "w")
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, (64, 64))
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "net", [image], [image], [weights])
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph), str(path), save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert mounts(plan(BuildConfig(model=path, output_dir=tmp_path / "o")))[tmp_path / "weights.bin"] is False


def test_a_file_that_is_no_model_is_left_for_the_build_to_refuse(tmp_path):
    (tmp_path / "net.onnx").write_text("no model")
    assert tmp_path / "net.onnx" in mounts(plan(BuildConfig(model=tmp_path / "net.onnx", output_dir=tmp_path / "o")))


def test_a_missing_input_is_told_before_anything_starts(tmp_path):
    with pytest.raises(UserError, match=r"none\.npy"):
        plan(BuildConfig(verify_input_npy=tmp_path / "none.npy"))


@pytest.mark.parametrize("folder", ["/", "/tmp", "/usr", "/opt"])
def test_folders_that_would_hide_the_images_own_are_refused(folder):
    with pytest.raises(UserError, match="hide"):
        plan(BuildConfig(output_dir=Path(folder)))


def test_a_working_folder_that_would_hide_the_images_own_is_not_mounted(tmp_path, monkeypatch):
    monkeypatch.chdir("/tmp")
    command = plan(BuildConfig(output_dir=tmp_path / "o"))
    assert Path("/tmp") not in mounts(command)
    assert command[command.index("--workdir") + 1] == "/tmp"


def test_a_build_with_open_tools_has_no_network():
    command = plan(BuildConfig())
    assert command[command.index("--network") + 1] == "none"


def test_xilinx_tools_and_finns_variables(tmp_path):
    install_vivado(tmp_path / "Xilinx")
    (tmp_path / "platforms").mkdir()
    (tmp_path / "deps").mkdir()
    (tmp_path / "lab.lic").touch()
    command = plan(
        BuildConfig(flow="finn"),
        xilinx=XilinxInstallation(tmp_path / "Xilinx", "2022.2"),
        FINN_HOST_BUILD_DIR=str(tmp_path / "finn"),
        FINN_DEPS=str(tmp_path / "deps"),
        PLATFORM_REPO_PATHS=str(tmp_path / "platforms"),
        XILINXD_LICENSE_FILE=f"2100@server:{tmp_path}/lab.lic",
        NUM_DEFAULT_WORKERS="3",
        OMP_NUM_THREADS="2",
        SECRET="of the caller's",
    )
    found = mounts(command)
    assert not found[tmp_path / "Xilinx"] and not found[tmp_path / "platforms"] and not found[tmp_path / "lab.lic"]
    assert not found[tmp_path / "deps"]
    assert found[tmp_path / "finn"]
    assert "--network" not in command, "licence servers must be reached"
    assert variables(command) == {
        "XDG_CACHE_HOME": str(tmp_path / "cache" / "container"),
        "OMP_NUM_THREADS": "2",
        "FINN_XILINX_PATH": str(tmp_path / "Xilinx"),
        "FINN_XILINX_VERSION": "2022.2",
        "FINN_HOST_BUILD_DIR": str(tmp_path / "finn"),
        "FINN_BUILD_DIR": str(tmp_path / "finn"),
        "FINN_DEPS": str(tmp_path / "deps"),
        "PLATFORM_REPO_PATHS": str(tmp_path / "platforms"),
        "XILINXD_LICENSE_FILE": f"2100@server:{tmp_path}/lab.lic",
        "NUM_DEFAULT_WORKERS": "3",
    }


def test_xilinx_tools_behind_a_link_are_seen_at_both_places(tmp_path):
    install_vivado(tmp_path / "disk")
    (tmp_path / "Xilinx").symlink_to(tmp_path / "disk")
    found = mounts(plan(BuildConfig(flow="vivado"), xilinx=XilinxInstallation(tmp_path / "Xilinx", "2022.2")))
    assert {tmp_path / "Xilinx", tmp_path / "disk"} <= set(found)


def test_further_arguments_for_the_engine():
    command = plan(BuildConfig(), FINN_DOCKER_EXTRA="--cpus 2 --env 'A=b c'")
    assert command[command.index("an-image") - 4 : command.index("an-image")] == ["--cpus", "2", "--env", "A=b c"]
