from __future__ import annotations

from hw_flows.flows.vivado import find_vivado, needs
from tests.hw_flows.mock_tools import mock_tool


def test_vivado_is_found_on_path_in_its_variable_and_in_the_usual_folders(bare_path, tmp_path, monkeypatch):
    root = tmp_path / "Xilinx"
    assert find_vivado((root,)) is None
    mock_tool(root / "Vivado" / "2022.2" / "bin", "vivado")
    newest = mock_tool(root / "2025.1" / "Vivado" / "bin", "vivado")
    assert find_vivado((root,)) == newest
    named = mock_tool(tmp_path / "elsewhere" / "bin", "vivado")
    monkeypatch.setenv("XILINX_VIVADO", str(tmp_path / "elsewhere"))
    assert find_vivado((root,)) == named
    on_path = mock_tool(bare_path, "vivado")
    assert find_vivado((root,)) == on_path
    assert needs()[0].ok
