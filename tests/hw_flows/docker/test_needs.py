# SPDX-License-Identifier: BSD-3-Clause
from hw_flows.docker import needs as docker
from hw_flows.docker.images import OPEN, find_image
from hw_flows.docker.needs import needs
from hw_flows.doctor import render_group
from tests.hw_flows.docker.conftest import install_vivado


def by_name(environment):
    return {finding.name: finding for finding in needs(environment)}


def test_a_machine_with_an_engine_and_no_image_yet(engine):
    found = by_name({})
    assert found["container engine"].ok
    image = found["image open"]
    assert not image.ok and image.optional and "--target open" in image.fix
    assert found["Xilinx tools to mount"].optional


def test_images_and_installation_that_are_there(engine, tmp_path):
    (engine.folder / "images").write_text(find_image(OPEN).name + "\n")
    install_vivado(tmp_path)
    found = by_name({"FINN_XILINX_PATH": str(tmp_path)})
    assert found["image open"].ok and not found["image vendor"].ok
    assert found["Xilinx tools to mount"].ok and "2022.2" in found["Xilinx tools to mount"].detail


def test_a_silent_engine_is_named_with_what_to_do(engine, monkeypatch):
    monkeypatch.setenv("MOCK_INFO", "silent")
    finding = by_name({})["container engine"]
    assert not finding.ok and "daemon running" in finding.detail and "systemctl" in finding.fix


def test_the_doctor_tells_whether_a_container_build_is_possible(engine, monkeypatch):
    text = render_group(docker.MEANING, needs({}))
    assert text.startswith("qu-build --docker") and text.endswith("-> ready")
    monkeypatch.setenv("MOCK_INFO", "silent")
    assert render_group(docker.MEANING, needs({})).endswith("-> needs container engine")
