# SPDX-License-Identifier: BSD-3-Clause
"""What Python sources import, and what a list of requirements brings: both read, nothing run."""

from __future__ import annotations

import ast
import re
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: Module -> its distribution, for those that need not be installed here.
NAMED_OTHERWISE = {"sklearn": "scikit-learn"}


def modules(folder: Path) -> dict[str, Path]:
    """Dotted name -> file of every module of the packages in a folder."""
    found = {}
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        if all((folder.joinpath(*parts[:n]) / "__init__.py").is_file() for n in range(1, len(parts))):
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def imported(name: str, file: Path) -> frozenset[tuple[str, bool]]:
    """Each module that a module imports, anywhere in it, and whether it may be missing: `try: ... except ImportError`.

    Also those that it starts as a program of their own, `python -m MODULE`.
    """
    return frozenset(_imported(name, file))


def _imported(name: str, file: Path) -> Iterator[tuple[str, bool]]:
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(file.read_text(encoding="utf-8"))
    optional = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and any(_catches_absence(handler) for handler in node.handlers)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in optional) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(filter(None, (above, node.module)))
            yield module, id(node) in optional
            yield from ((f"{module}.{alias.name}", True) for alias in node.names)  # a module of it, or a name in it
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((started, False) for started in re.findall(r"python3? -m ([\w.]+)", node.value))
        elif isinstance(node, ast.List | ast.Tuple):
            words = [element.value if isinstance(element, ast.Constant) else None for element in node.elts]
            yield from (
                (second, False) for first, second in pairwise(words) if first == "-m" and isinstance(second, str)
            )


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    return handler.type is not None and bool(re.search("ImportError|ModuleNotFoundError", ast.unparse(handler.type)))


def missing(folder: Path, ours: Iterable[str], brought: set[str]) -> list[str]:
    """Imports of the modules in a folder that lead nowhere when nothing else is there.

    Args:
        folder: Holds the packages as an image has them.
        ours: Packages of the project, which must be in the folder.
        brought: Distributions that are installed.
    """
    there, ours = modules(folder), set(ours)
    result = set()
    for name, file in there.items():
        for wanted, optional in imported(name, file):
            is_ours = wanted.partition(".")[0] in ours
            if not optional and not (wanted in there if is_ours else is_brought(wanted, brought)):
                result.add(f"{name} imports {wanted}")
    return sorted(result)


def missing_from(start: str, follow: Collection[str], brought: set[str]) -> list[str]:
    """Imports that no distribution in `brought` meets, of an installed module and of all that it imports in turn from the
    packages in `follow`."""
    site = Path(sysconfig.get_paths()["purelib"])
    waiting, seen, result = [start], set(), set()
    while waiting:
        name = waiting.pop()
        base = site.joinpath(*name.split("."))
        file = next((f for f in (base / "__init__.py", base.with_suffix(".py")) if f.is_file()), None)
        if name in seen or file is None:
            continue
        seen.add(name)
        for wanted, optional in imported(name, file):
            parts = wanted.split(".")
            if parts[0] in follow:
                waiting += [".".join(parts[: n + 1]) for n in range(len(parts))]
            elif not optional and not is_brought(wanted, brought):
                result.add(f"{name} imports {wanted}")
    assert seen, f"{start} is not installed"
    return sorted(result)


def is_brought(module: str, brought: set[str]) -> bool:
    """Whether a module is of the standard library or of one of the distributions."""
    top = module.partition(".")[0]
    providers = {canonicalize_name(one) for one in _distributions().get(top, [NAMED_OTHERWISE.get(top, top)])}
    return top in sys.stdlib_module_names or bool(providers & brought)


@cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


def brought_by(requirements: Iterable[Path], alone: Iterable[Path] = ()) -> set[str]:
    """Distributions that requirements files bring with all that they need; those of `alone` come without.

    What is not installed here is known by its name only.
    """
    waiting = [requirement for file in requirements for requirement in _read(file)]
    found = {canonicalize_name(requirement.name) for file in alone for requirement in _read(file)}
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found:
            continue
        found.add(name)
        try:
            needs = [Requirement(text) for text in metadata.requires(name) or []]
        except metadata.PackageNotFoundError:
            continue
        waiting += [n for n in needs if n.marker is None or n.marker.evaluate({"extra": ""})]
    return found


def _read(file: Path) -> list[Requirement]:
    lines = [line.partition("#")[0].strip() for line in file.read_text().splitlines()]
    return [Requirement(line) for line in lines if line]
