# SPDX-License-Identifier: BSD-3-Clause
import pytest

from hw_flows.amd.finn import install
from hw_flows.amd.vivado import InstalledVivado
from hw_flows.machine.errors import UserError
from tests.hw_flows.amd.finn_machine import Machine, environment, make_machine, mock_tool


@pytest.fixture
def machine(tmp_path, no_vivado, monkeypatch) -> Machine:
    made = make_machine(tmp_path)
    for key, value in environment(made).items():
        monkeypatch.setenv(key, value)
    monkeypatch.syspath_prepend(str(tmp_path / "python"))
    for key in ("XILINX_HLS", "XILINX_VITIS"):
        monkeypatch.delenv(key, raising=False)
    return made


def missing() -> dict[str, str]:
    """Name -> what brings it."""
    return {found.name: found.fix for found in install.findings() if not found.ok and not found.optional}


def test_everything_is_found_and_given_to_finn(machine):
    tools = install.find_tools()
    assert missing() == {}
    given = tools.environment()
    assert given["XILINX_VIVADO"] == str(machine.vivado.parent.parent)
    assert given["PATH"].split(":")[:2] == [str(machine.vivado.parent), str(machine.hls.parent)]
    assert given["FINN_DEPS"] == str(machine.deps)
    assert given["FINN_RTLLIB"].endswith("finn-rtllib") and given["FINN_CUSTOM_HLS"].endswith("custom_hls")


def test_nothing_at_all_is_missing_by_name(no_vivado, monkeypatch, tmp_path):
    monkeypatch.setenv("FINN_DEPS", str(tmp_path))
    monkeypatch.setattr("hw_flows.amd.vivado.install.ROOTS", ())
    found = missing()
    assert {"Vivado", "Vitis HLS", "finn-hlslib", "PYNQ board files"} <= set(found)
    assert found["finn-hlslib"].startswith("finn deps update")


def test_vitis_hls_of_the_same_version_is_named(machine):
    machine.hls.unlink()
    assert "install Vitis HLS 2022.2" in missing()["Vitis HLS"]
    with pytest.raises(UserError, match="vitis_hls is missing; FINN makes its DMA with it"):
        install.find_tools()


def test_newer_versions_run_hls_by_another_name(machine, monkeypatch):
    monkeypatch.setenv("MOCK_VERSION", "2024.2")
    assert install.hls_name(install.find_vivado()) == "vitis_hls"
    monkeypatch.setattr(install, "WITHOUT_VITIS_HLS", (2024, 2))
    assert install.hls_name(install.find_vivado()) == "vitis-run"


def test_hls_is_found_beside_vivado_in_the_folders_of_newer_installers(no_vivado, tmp_path, monkeypatch):
    for key in ("XILINX_HLS", "XILINX_VITIS"):
        monkeypatch.delenv(key, raising=False)
    vivado = InstalledVivado(tmp_path / "Xilinx" / "2025.1" / "Vivado" / "bin" / "vivado", (2025, 1))
    assert install.find_hls(vivado) is None
    program = mock_tool(tmp_path / "Xilinx" / "2025.1" / "Vitis" / "bin", "vitis-run")
    assert install.find_hls(vivado) == program


def test_finns_own_dependencies_are_missed(machine):
    (machine.deps / "finn-hlslib" / "bnn-library.h").unlink()
    assert list(missing()) == ["finn-hlslib"]
    with pytest.raises(UserError, match="FINN lacks finn-hlslib(?s:.*)finn deps update"):
        install.find_tools()


def test_board_files_of_vivado_itself_will_do(machine):
    board = machine.deps / "board_files" / "pynq-z2" / "A.0" / "board.xml"
    board.unlink()
    assert list(missing()) == ["PYNQ board files"]
    own = machine.vivado.parent.parent / "data" / "boards" / "board_files" / "pynq-z2" / "A.0" / "board.xml"
    own.parent.mkdir(parents=True)
    own.write_text("\n")
    assert missing() == {}


def test_a_folder_without_a_version_is_refused_because_finn_reads_it_there(machine, monkeypatch, tmp_path):
    monkeypatch.setenv("XILINX_VIVADO", str(tmp_path / "vivado"))
    with pytest.raises(UserError, match=r"holds none(?s:.*)\.\.\./2022\.2"):
        install.find_tools()
