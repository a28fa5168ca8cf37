# SPDX-License-Identifier: BSD-3-Clause
from importlib import metadata

from hw_flows import doctor
from hw_flows.doctor import check_base, check_flow, examine, render
from hw_flows.flows import all_flows
from hw_flows.machine.findings import Finding
from quantunet_common import installation


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {f.name: f for f in findings}


def test_the_machine_that_runs_the_tests_has_what_verification_needs():
    findings = check_base()
    assert [f for f in findings if not f.ok] == []
    found = by_name(findings)
    assert found["pyosys"].detail == metadata.version("pyosys")
    assert "Yosys" in found["Yosys runs"].detail
    text = examine()
    assert "flow none: verified RTL" in text
    assert "flow open: bitstream with open tools, ECP5 boards\n  ok" in text
    assert "-> ready" in text


def test_missing_programs_are_named_with_the_command_that_brings_them(bare_path, monkeypatch):
    monkeypatch.setattr(doctor, "_engines", lambda: iter(()))
    base = check_base()
    text = render(base, [])
    for name in ("g++", "make", "perl"):
        assert not by_name(base)[name].ok
        assert f"Debian: apt install {name}" in text
    assert "-> needs g++, make, perl" in text


def test_what_only_tests_need_is_nobodys_lack(monkeypatch):
    declared = ["no-such-package==1.0", "numpy<1", "ruff; extra == 'dev'"]
    monkeypatch.setattr(installation.metadata, "requires", lambda name: declared)
    found = by_name(list(doctor._packages()))
    assert "not installed; no-such-package==1.0 is needed" in found["no-such-package"].detail
    assert not found["numpy"].ok
    assert "ruff" not in found


def test_a_project_that_is_not_installed_is_a_finding(monkeypatch):
    monkeypatch.setattr(installation, "DISTRIBUTION", "no-such-distribution")
    found = by_name(list(doctor._packages()))
    assert not found["quantunet-flow"].ok and found["quantunet-flow"].fix == installation.how_to_reinstall()


def test_a_check_that_breaks_becomes_a_finding(monkeypatch):
    def _storage():
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(doctor, "_storage", _storage)
    assert "disk on fire" in by_name(check_base())["storage"].detail


def test_an_unwritable_cache_folder_is_told(tmp_path, monkeypatch):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    monkeypatch.setenv("QU_CACHE", str(in_the_way / "cache"))
    found = by_name(list(doctor._storage()))["cache folder"]
    assert not found.ok and "QU_CACHE" in found.fix


def test_a_flow_is_ready_when_all_but_optional_things_are_there():
    (flow,) = [flow for flow in all_flows() if "ecp5" in flow.families]
    there = Finding("nextpnr", True, "0.11")
    viewer = Finding("viewer", False, "not on PATH", "apt install viewer", optional=True)
    text = render([], [(flow, [there, viewer])])
    assert text.endswith("to do: apt install viewer\n  -> ready")
    missing = Finding("packer", False, "not on PATH", "apt install packer")
    assert render([], [(flow, [there, missing])]).endswith("-> needs packer")
    assert render([missing], [(flow, [there])]).endswith("-> needs what flow none needs")


def test_a_flow_whose_check_breaks_becomes_a_finding(monkeypatch):
    def needs(self):
        raise RuntimeError("no such module")

    first = all_flows()[0]
    monkeypatch.setattr(type(first), "needs", needs)
    assert "no such module" in check_flow(first)[0].detail
