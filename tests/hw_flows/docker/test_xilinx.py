# SPDX-License-Identifier: BSD-3-Clause
import pytest

from hw_flows.docker.xilinx import XilinxInstallation, find_installation
from hw_flows.machine.errors import UserError
from tests.hw_flows.docker.conftest import install_vivado


@pytest.mark.parametrize("newer_layout", [False, True], ids=["to 2024", "from 2025"])
def test_the_installation_that_finns_variables_name(tmp_path, newer_layout):
    vivado = install_vivado(tmp_path, "2025.1", newer_layout)
    found = find_installation({"FINN_XILINX_PATH": str(tmp_path), "FINN_XILINX_VERSION": "2025.1"})
    assert found == XilinxInstallation(tmp_path, "2025.1")
    assert found.vivado == vivado


def test_the_only_version_need_not_be_named(tmp_path):
    install_vivado(tmp_path, "2022.2")
    assert find_installation({"FINN_XILINX_PATH": str(tmp_path)}).version == "2022.2"


def test_of_several_versions_one_must_be_named(tmp_path):
    install_vivado(tmp_path, "2024.2")
    install_vivado(tmp_path, "2025.1", newer_layout=True)
    with pytest.raises(UserError, match="it has Vivado 2024.2, 2025.1"):
        find_installation({"FINN_XILINX_PATH": str(tmp_path)})


def test_a_version_that_is_not_installed_lists_those_that_are(tmp_path):
    install_vivado(tmp_path, "2022.2")
    with pytest.raises(UserError, match="no Vivado 2019.1") as error:
        find_installation({"FINN_XILINX_PATH": str(tmp_path), "FINN_XILINX_VERSION": "2019.1"})
    assert "one of: 2022.2" in error.value.fix


@pytest.mark.parametrize("newer_layout", [False, True], ids=["to 2024", "from 2025"])
def test_sourced_settings_will_do(tmp_path, newer_layout):
    vivado = install_vivado(tmp_path, "2025.1", newer_layout)
    assert find_installation({"XILINX_VIVADO": str(vivado)}) == XilinxInstallation(tmp_path, "2025.1")


@pytest.mark.parametrize(
    "environment", [{}, {"FINN_XILINX_PATH": "/no/such/folder"}, {"XILINX_VIVADO": "/no/Vivado/2022.2"}]
)
def test_nothing_to_mount_is_told_with_an_example(environment):
    with pytest.raises(UserError) as error:
        find_installation(environment)
    assert "export FINN_XILINX_PATH=" in error.value.fix
