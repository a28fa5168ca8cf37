# SPDX-License-Identifier: BSD-3-Clause
"""Advice on what is missing: the exact command, for where this code runs from."""

from __future__ import annotations

import shlex
import sys
from importlib import metadata
from pathlib import Path

import pytest

from quantunet_common import installation
from quantunet_common.installation import (
    WITHOUT_DEPENDENCIES,
    advice_for,
    how_to_install,
    how_to_reinstall,
    missing,
    package_of,
    start,
)

ROOT = Path(__file__).parents[2]
PIP = f"{shlex.quote(sys.executable)} -m pip install"
DECLARED = [
    "torch<3,>=2.13",
    "pyyaml>=6",
    "psutil<5",
    "no-such-package<2,>=1",
    "dask-jobqueue>=0.9; extra == 'slurm'",
    'pytest>=8 ; extra == "dev"',
]


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """This code is an installed package that declares a few requirements."""
    monkeypatch.setattr(installation, "_checkout", lambda: None)
    monkeypatch.setattr(installation.metadata, "requires", lambda name: DECLARED)


@pytest.fixture
def in_its_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This code runs from a clone, in the environment that `make setup` made there."""
    monkeypatch.setattr(installation, "_checkout", lambda: tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setattr(installation.metadata, "requires", lambda name: DECLARED)
    return tmp_path


def test_what_is_installed_without_dependencies_is_written_the_same_in_the_file_for_pip() -> None:
    lines = (ROOT / "requirements" / "no-deps.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == list(WITHOUT_DEPENDENCIES)


def test_a_package_comes_in_the_version_that_is_declared(outside: None) -> None:
    assert how_to_install("no-such-package") == f"`{PIP} 'no-such-package<2,>=1'`"


def test_what_pip_may_not_resolve_comes_without_dependencies(outside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_version", lambda package: None)
    assert how_to_install("nilearn") == f"`{PIP} --no-deps nilearn==0.11.1`"
    assert how_to_install("finn-plus", "pyyaml") == f"`{PIP} --no-deps finn-plus==1.6.1 && {PIP} 'pyyaml>=6'`"


def test_a_package_that_is_there_and_broken_is_installed_again(outside: None) -> None:
    assert how_to_install("torch") == f"`{PIP} --force-reinstall --no-deps torch=={metadata.version('torch')}`"


def test_a_package_of_another_version_is_replaced_with_what_it_needs(outside: None) -> None:
    assert how_to_install("psutil") == f"`{PIP} 'psutil<5'`"


def test_where_versions_cannot_be_compared_the_range_is_asked_for(
    outside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    assert how_to_install("torch") == f"`{PIP} 'torch<3,>=2.13'`"


def test_set_up_is_advised_only_in_the_environment_that_it_makes(
    in_its_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert how_to_install("torch") == how_to_reinstall() == f"run `make setup` in {in_its_environment}"
    assert how_to_install("dask-jobqueue", "torch").startswith(f"`{PIP}"), "set-up does not bring this extra"
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert how_to_install("torch").startswith(f"`{PIP}")


def test_a_clone_is_known_by_its_makefile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert installation._checkout() == ROOT
    monkeypatch.setattr(installation, "__file__", str(tmp_path / "site-packages" / "quantunet" / "installation.py"))
    assert installation._checkout() is None
    assert "make" not in how_to_reinstall()


@pytest.mark.parametrize(
    ("module", "package"),
    [("finn", "finn-plus"), ("PIL", "pillow"), ("dask_jobqueue", "dask-jobqueue"), ("torch", "torch")],
)
def test_the_package_of_a_module(module: str, package: str) -> None:
    assert package_of(module) == package


def test_one_message_names_all_that_is_missing(outside: None) -> None:
    assert missing() == ["no-such-package<2,>=1"]
    error = ModuleNotFoundError("No module named 'yaml'", name="yaml.constructor")
    assert advice_for(error) == (
        "the Python package pyyaml does not work: No module named 'yaml'",
        f"`{PIP} --force-reinstall --no-deps pyyaml=={metadata.version('pyyaml')}`",
    )
    error = ModuleNotFoundError("No module named 'no_such_package'", name="no_such_package")
    assert advice_for(error) == ("the Python package no-such-package is missing", how_to_install("no-such-package"))


def test_an_error_that_names_no_module_is_put_down_to_what_is_missing(outside: None) -> None:
    advice = advice_for(ModuleNotFoundError("Installation of no-such-package is required."))
    assert advice == ("the Python package no-such-package is missing", how_to_install("no-such-package"))


def test_what_others_import_is_named_by_pip(outside: None) -> None:
    advice = advice_for(ModuleNotFoundError("No module named 'sympy_x'", name="sympy_x.core"))
    assert advice is not None and "sympy_x" in advice[0] and "-m pip check`" in advice[1]


def test_a_module_of_ours_that_is_missing_is_a_bug() -> None:
    assert advice_for(ModuleNotFoundError("No module named 'hw_flows.none'", name="hw_flows.none")) is None
    with pytest.raises(ModuleNotFoundError, match="quantunet.no_such_module"):
        start("quantunet.no_such_module:main")
