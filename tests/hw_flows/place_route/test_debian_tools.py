# SPDX-License-Identifier: BSD-3-Clause
"""Fetching Debian's packages, with a made-up apt on PATH: nothing is downloaded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.place_route import debian_tools
from hw_flows.place_route.debian_tools import (
    KEPT,
    PrivateApt,
    find_tools,
    install,
    pinned_packages,
    require_tools,
    system_mirror,
)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts a shell script on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("QU_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("QU_DEBIAN_MIRROR", raising=False)

    def write(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return write


def test_the_mirror_is_the_systems_own(program, monkeypatch):
    program("apt-get", "echo 'http://s/debian-security|bookworm-security|main'; echo 'http://m/debian/|bookworm|main'")
    assert system_mirror() == "http://m/debian"
    program("apt-get", "echo 'http://archive.ubuntu.com/ubuntu|noble|main'")
    with pytest.raises(UserError, match="no mirror of the Debian archive") as error:
        system_mirror()
    assert "QU_DEBIAN_MIRROR" in error.value.fix and "archive.ubuntu.com" in error.value.where
    monkeypatch.setenv("QU_DEBIAN_MIRROR", "http://mine/debian")
    assert system_mirror() == "http://mine/debian"


def test_apt_is_told_to_keep_to_its_own_folder(tmp_path):
    apt = PrivateApt(tmp_path / "apt", "http://m/debian")
    places = [option.partition("=")[2] for option in apt.options if option.startswith("-oDir::")]
    assert all(place.startswith(str(tmp_path)) or place == "/dev/null" for place in places)
    assert "Suites: sid" in (tmp_path / "apt" / "sid.sources").read_text()


def fake_apt(program, tmp_path, content: bytes) -> PrivateApt:
    """An archive that has one package, `tool` 1.0."""
    program("apt-cache", 'case "$*" in *tool=1.0*) exit 0;; *) exit 100;; esac')
    program("apt-get", f"printf '%s' '{content.decode()}' > tool_1.0_amd64.deb")
    program("dpkg-deb", "echo 'tool 1.0'")
    return PrivateApt(tmp_path / "apt", "http://m/debian")


def test_pinned_packages_are_checked(program, tmp_path):
    content = b"a package"
    apt = fake_apt(program, tmp_path, content)
    right = {"tool": {"version": "1.0", "sha256": hashlib.sha256(content).hexdigest()}}
    assert apt.fetch(right)["tool"].version == "1.0"
    with pytest.raises(UserError, match="is not the one this project was tried with"):
        apt.fetch({"tool": {"version": "1.0", "sha256": "0" * 64}})


def test_a_version_that_is_gone_is_named(program, tmp_path):
    apt = fake_apt(program, tmp_path, b"")
    with pytest.raises(UserError, match="no longer has tool 0.9") as error:
        apt.fetch({"tool": {"version": "0.9", "sha256": "0" * 64}})
    assert "--newest" in error.value.fix


def test_what_is_missing_names_the_command(program):
    assert find_tools() is None
    with pytest.raises(UserError) as error:
        require_tools()
    assert debian_tools.COMMAND in error.value.fix


def test_other_machines_are_sent_to_docker(program, monkeypatch):
    monkeypatch.setattr(debian_tools.platform, "machine", lambda: "aarch64")
    with pytest.raises(UserError, match="x86-64") as error:
        debian_tools.install()
    assert "Docker" in error.value.fix


def test_pins_name_what_was_asked_for():
    pins = pinned_packages()
    assert set(debian_tools.WANTED) <= set(pins)
    assert not debian_tools.NOT_NEEDED & set(pins)
    assert all(len(pin["sha256"]) == 64 for pin in pins.values())
    assert json.loads(debian_tools.PINS.read_text()) == pins


@pytest.mark.parametrize("damage", [b"prog", b"progran", None])
def test_unpacked_tools_that_were_damaged_are_unpacked_again(program, tmp_path, monkeypatch, damage):
    content = b"a package"
    program("apt-cache", "exit 0")
    program(
        "apt-get", "mkdir -p lists; touch lists/x_Packages; case $* in *download*) printf 'a package' > tool.deb;; esac"
    )
    unpack = " ".join(
        f"mkdir -p $3/{Path(name).parent}; test -d $3/{name} || printf program > $3/{name};" for name in KEPT
    )
    program("dpkg-deb", f"case $1 in --show) echo 'tool 1.0';; *) {unpack} esac")
    pins = {"tool": {"version": "1.0", "sha256": hashlib.sha256(content).hexdigest()}}
    monkeypatch.setattr(debian_tools, "pinned_packages", lambda: pins)
    monkeypatch.setenv("QU_DEBIAN_MIRROR", "http://m/debian")
    installed = install()
    assert require_tools() == installed
    chips = installed.chip_database("xc7z020")
    chips.unlink() if damage is None else chips.write_bytes(damage)
    with pytest.raises(UserError, match="are damaged") as error:
        require_tools()
    assert str(chips) in error.value.where and debian_tools.COMMAND in error.value.fix
    install()
    assert require_tools() == installed
    assert chips.read_bytes() == b"program"
    assert [path.name for path in installed.root.parent.iterdir()] == [installed.root.name]
