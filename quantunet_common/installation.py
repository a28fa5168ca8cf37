# SPDX-License-Identifier: BSD-3-Clause
"""What this project needs installed, and the command that brings it. Nothing but the standard library is imported at its start.

`start` is how every installed command begins, so that a missing package is told before anything imports it.
"""

from __future__ import annotations

import re
import shlex
import sys
from importlib import import_module, metadata
from pathlib import Path
from typing import NamedTuple

DISTRIBUTION = "quantunet-flow"
#: Needed, but installed with `--no-deps` and so not declared; why: requirements/no-deps.txt, which says the same.
WITHOUT_DEPENDENCIES = ("finn-plus==1.6.1", "nilearn==0.11.1")
_APART = {requirement.partition("==")[0]: requirement for requirement in WITHOUT_DEPENDENCIES}
#: Modules whose package has another name.
_PACKAGES = {
    "PIL": "pillow",
    "dask": "distributed",
    "finn": "finn-plus",
    "google": "protobuf",
    "nrrd": "pynrrd",
    "serial": "pyserial",
    "yaml": "pyyaml",
}
_OWN = ("quantunet_common", "quantunet", "quantunet_lab", "hw_flows")


def start(command: str) -> None:
    """Run a command, named as `module:function`; a missing package ends it with one message and status 2."""
    module, function = command.split(":")
    try:
        getattr(import_module(module), function)()
    except ImportError as error:
        advice = advice_for(error)
        if advice is None:
            raise
        what, fix = advice
        print(f"error: {what}\n  to do: {fix}", file=sys.stderr)
        sys.exit(2)


def advice_for(error: ImportError) -> tuple[str, str] | None:
    """What is missing or broken and what to do; None where it is a module of ours, which no installation would mend."""
    module = (error.name or "").partition(".")[0]
    absent = [_name(requirement) for requirement in missing()]
    if not module and absent:  # raised by hand, as Brevitas does
        module = next((name for name in absent if name in str(error)), absent[0])
    if not module or module in _OWN or module in sys.stdlib_module_names:
        return None
    package = package_of(module)
    if package not in (*absent, *_declared(), *_APART):
        what = f"the Python module {module} is missing or broken, which an installed package needs ({error})"
        return what, f"`{_pip('check')}` names that package and what it asks for"
    if package not in absent and _version(package) is not None:
        return f"the Python package {package} does not work: {error}", how_to_install(package)
    also = [name for name in absent if name != package]
    what = f"the Python package {package} is missing"
    if also:
        what += f", and so {'is' if len(also) == 1 else 'are'} {', '.join(also)}"
    return what, how_to_install(package, *also)


def package_of(module: str) -> str:
    """The package on PyPI that brings a top-level module, as this project names it."""
    return _PACKAGES.get(module, module.lower().replace("_", "-"))


def required() -> list[str]:
    """Every requirement of the commands, as in a requirements file.

    Raises:
        PackageNotFoundError: this project itself is not installed.
    """
    return [text for text, extra in _requirements() if not extra] + list(WITHOUT_DEPENDENCIES)


def missing() -> list[str]:
    """The requirements of which no version is installed; where this project is not, those without dependencies."""
    try:
        needed = required()
    except metadata.PackageNotFoundError:
        needed = list(WITHOUT_DEPENDENCIES)
    return [requirement for requirement in needed if _version(_name(requirement)) is None]


def how_to_install(*packages: str) -> str:
    """The command that installs packages which this project needs, in the versions that it needs.

    In the environment that `make setup` made this is `make setup`, elsewhere pip. What is there and nevertheless asked
    for is of another version than the project needs, and then replaced, or does not work: the same is installed again.
    """
    names = [_name(package) for package in packages]
    declared = _declared()
    checkout = _checkout()
    made_by_set_up = checkout is not None and Path(sys.prefix).resolve() == (checkout / ".venv").resolve()
    if made_by_set_up and not any(name in declared and not declared[name].by_set_up for name in names):
        return f"run `make setup` in {checkout}"
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        wanted = _APART.get(name) or (declared[name].text if name in declared else name)
        options = ["--no-deps"] if name in _APART else []
        if (version := _version(name)) is not None and _suits(version, wanted):
            wanted, options = f"{name}=={version}", ["--force-reinstall", "--no-deps"]
        groups.setdefault(tuple(options), []).append(wanted)
    return f"`{' && '.join(_pip('install', *options, *wanted) for options, wanted in groups.items())}`"


def how_to_reinstall() -> str:
    """How to install this project again."""
    checkout = _checkout()
    return f"run `make setup` in {checkout}" if checkout is not None else f"install {DISTRIBUTION} again with pip"


def _pip(*words: str) -> str:
    return shlex.join([sys.executable, "-m", "pip", *words])


def _checkout() -> Path | None:
    """The clone of the project that this code runs from; None for an installed package."""
    root = Path(__file__).resolve().parents[1]
    return root if (root / "Makefile").is_file() and (root / "requirements" / "base.txt").is_file() else None


def _name(requirement: str) -> str:
    """Of a package, as PyPI compares names."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _suits(version: str, requirement: str) -> bool:
    """Whether an installed version is one of those asked for; where packaging is missing, none is."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return False
    return Requirement(requirement).specifier.contains(version, prereleases=True)


def _requirements() -> list[tuple[str, str]]:
    """Every declared requirement without its marker, and the extra that it belongs to or nothing.

    Raises:
        PackageNotFoundError: this project itself is not installed.
    """
    found = []
    for line in metadata.requires(DISTRIBUTION) or []:
        text, _, marker = line.partition(";")
        extra = re.search(r"""extra\s*==\s*['"](.+?)['"]""", marker)
        found.append((text.replace(" ", ""), extra[1] if extra else ""))
    return found


class _Declared(NamedTuple):
    text: str
    by_set_up: bool
    """Whether `make setup` installs it; it does not install every extra."""


def _declared() -> dict[str, _Declared]:
    """What is declared of each package, for the commands or for an extra; nothing where this project is not installed."""
    found: dict[str, _Declared] = {}
    try:
        for text, extra in _requirements():
            before = found.get(_name(text), _Declared(text, False))
            found[_name(text)] = _Declared(before.text, before.by_set_up or extra in ("", "dev"))
    except metadata.PackageNotFoundError:
        pass
    return found
