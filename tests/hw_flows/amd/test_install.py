# SPDX-License-Identifier: BSD-3-Clause
import pytest

from hw_flows.amd.vivado import find_vivado, vivado_finding
from hw_flows.amd.vivado.install import find_program
from hw_flows.machine.errors import UserError
from tests.hw_flows.amd.mocks import install


@pytest.mark.parametrize("version, expected", [("2022.2", (2022, 2)), ("2024.2", (2024, 2))])
def test_the_version_is_what_vivado_says_of_itself(mock_vivado, monkeypatch, version, expected):
    monkeypatch.setenv("MOCK_VERSION", version)
    vivado = find_vivado()
    assert vivado.program == mock_vivado
    assert vivado.version == expected
    assert vivado_finding().ok and vivado_finding().detail.startswith(version)


def test_an_older_vivado_is_refused(mock_vivado, monkeypatch):
    monkeypatch.setenv("MOCK_VERSION", "2021.1")
    with pytest.raises(UserError, match=r"2021\.1 is too old: .* 2022\.2 or newer"):
        find_vivado()
    found = vivado_finding()
    assert not found.ok and "too old" in found.detail and "settings64.sh" in found.fix


def test_xilinx_vivado_is_enough(no_vivado, tmp_path, monkeypatch):
    program = install(tmp_path / "Vivado" / "2022.2" / "bin")
    assert find_program(roots=()) is None
    monkeypatch.setenv("XILINX_VIVADO", str(tmp_path / "Vivado" / "2022.2"))
    assert find_vivado(roots=()).program == program


def test_path_comes_before_xilinx_vivado(mock_vivado, tmp_path, monkeypatch):
    other = install(tmp_path / "other" / "bin")
    monkeypatch.setenv("XILINX_VIVADO", str(other.parent.parent))
    assert find_vivado().program == mock_vivado


def test_of_installed_versions_the_newest_is_taken(no_vivado, tmp_path):
    install(tmp_path / "Vivado" / "2022.2" / "bin")
    install(tmp_path / "Vivado" / "2023.1" / "bin")
    newest = install(tmp_path / "2025.1" / "Vivado" / "bin")
    assert find_program(roots=[tmp_path]) == newest


def test_nothing_installed_says_what_brings_it(no_vivado):
    with pytest.raises(UserError, match="Standard edition"):
        find_vivado(roots=())
    assert not vivado_finding(roots=()).ok


def test_a_vivado_that_lacks_a_library_is_not_taken_for_installed(mock_vivado, monkeypatch):
    monkeypatch.setenv("MOCK_VIVADO", "library")
    with pytest.raises(UserError, match=r"libtinfo\.so\.5.*(?s:.*)apt install libtinfo5"):
        find_vivado()
