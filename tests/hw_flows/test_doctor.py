from importlib import metadata
from pathlib import Path

import pytest

from hw_flows import doctor
from hw_flows.doctor import Finding, check_all, find_vivado, render


def mock_tool(folder: Path, name: str, script: str = "exit 0") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def bare_path(tmp_path, monkeypatch) -> Path:
    """A PATH with nothing on it, and no Vivado in the environment."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("XILINX_VIVADO", raising=False)
    return folder


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {f.name: f for f in findings}


def test_the_machine_that_runs_the_tests_has_what_verification_needs():
    findings = check_all()
    assert [f for f in findings if f.flow == "none" and not f.ok] == []
    found = by_name(findings)
    assert found["pyosys"].detail == metadata.version("pyosys")
    assert "Yosys" in found["Yosys runs"].detail
    assert "flow none: verified RTL" in render(findings)
    assert "-> ready" in render(findings)


def test_missing_programs_are_named_with_the_command_that_brings_them(bare_path, monkeypatch):
    monkeypatch.setattr(doctor, "_engines", lambda: iter(()))
    findings = check_all()
    text = render(findings)
    for name in ("g++", "make", "perl"):
        assert not by_name(findings)[name].ok
        assert f"Debian: apt install {name}" in text
    assert "-> needs g++, make, perl" in text


def test_a_program_that_does_not_run_is_not_taken_for_installed(bare_path):
    mock_tool(bare_path, "g++", "echo 'cannot find libstdc++' >&2; exit 1")
    mock_tool(bare_path, "make", "echo 'GNU Make 9.9'")
    found = by_name(list(doctor._programs()))
    assert not found["g++"].ok and "cannot find libstdc++" in found["g++"].detail
    assert found["make"].ok and found["make"].detail == "GNU Make 9.9"


def test_absent_and_outdated_packages_are_told_apart(monkeypatch):
    monkeypatch.setattr(
        doctor.metadata, "requires", lambda name: ["no-such-package==1.0", "numpy<1", "ruff; extra == 'dev'"]
    )
    found = by_name(list(doctor._packages()))
    assert "not installed; no-such-package==1.0 is needed" in found["no-such-package"].detail
    assert not found["numpy"].ok and "numpy<1 is needed" in found["numpy"].detail
    assert "ruff" not in found, "what only tests need is nobody's lack"


def test_a_project_that_is_not_installed_is_a_finding(monkeypatch):
    monkeypatch.setattr(doctor, "DISTRIBUTION", "no-such-distribution")
    found = by_name(list(doctor._packages()))
    assert found["no-such-distribution"].fix == "make setup"


def test_a_check_that_breaks_becomes_a_finding(monkeypatch):
    def _storage():
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(doctor, "_storage", _storage)
    assert "disk on fire" in by_name(check_all())["storage"].detail


def test_an_unwritable_cache_folder_is_told(tmp_path, monkeypatch):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    monkeypatch.setenv("QU_CACHE", str(in_the_way / "cache"))
    found = by_name(list(doctor._storage()))["cache folder"]
    assert not found.ok and "QU_CACHE" in found.fix


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


def test_flows_that_this_version_lacks_are_not_promised(monkeypatch):
    findings = [Finding("none", "g++", True, "12"), Finding("vivado", "Vivado", True, "2022.2")]
    assert "flow vivado: bitstream with AMD Vivado\n  ok       Vivado  2022.2\n  -> not in this version yet" in render(
        findings
    )
    monkeypatch.setattr(doctor, "AVAILABLE", ("none", "vivado"))
    assert render(findings).count("-> ready") == 2
    missing = [Finding("none", "g++", False, "not on PATH", "apt install g++"), findings[1]]
    assert "-> needs what flow none needs" in render(missing)
