# SPDX-License-Identifier: BSD-3-Clause
"""The operators: one folder each, found by looking; whoever needs something of an operator asks its folder.

    rtl.py      class `Open<Type>_rtl`, an `RtlOperator` (base.py): module, parameters, cycles, cost, folding choices
    *.sv        its modules; the one that `rtl.py` names is the operator
    timing.h    its handshakes without data, for the timing model of FIFO sizing
    hw.py       class `<Type>`, FINN's interface and reference of an operator that FINN lacks; else FINN's own class serves
    network.py  `FRONT_END` (front_end.py): which part of a network becomes it; without one the steps insert it themselves
    cases.py    configurations that simulation, synthesis, cost model and mutation test it in
    proof.py    what is proved of its modules, with the benches beside it

Operators of others come from folders of the same make: an installed package names one by an entry point of the group
`hw_flows.operators` (`my_operator = "my_package.my_operator"`), a command by `--operators FOLDER`.

`register()` puts our classes beside FINN's own in the registry of ONNX custom operators, under FINN's domains, so
that FINN's transformations and builder find them. Nothing of FINN is replaced: our RTL operators have names of their
own (`OpenMVAU_rtl` beside `MVAU_rtl`).
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from hw_flows.machine.errors import UserError

if TYPE_CHECKING:
    from hw_flows.operators.front_end import FrontEnd

#: FINN's domain for hardware operators that are not yet bound to a backend.
HW_DOMAIN = "finn.custom_op.fpgadataflow"
#: FINN's domain for RTL operators.
RTL_DOMAIN = "finn.custom_op.fpgadataflow.rtl"
#: Entry points of other packages.
ENTRY_POINTS = "hw_flows.operators"
_OUTSIDE = "hw_flows_operators"


class OperatorFolder(NamedTuple):
    """An operator: its folder, and the Python package that the folder is."""

    path: Path
    package: str

    def has(self, module: str) -> bool:
        return (self.path / f"{module}.py").is_file()

    def load(self, module: str) -> Any:
        """A module of the folder. Raises UserError where one that is not ours cannot be loaded."""
        try:
            return import_module(f"{self.package}.{module}")
        except Exception as error:
            if self.package.startswith(f"{__name__}."):
                raise
            raise _not_loaded(self.path, error) from error


#: Folders that `add_folder` brought. They live as long as the classes in QONNX's registry, which is one for a process.
_added: dict[Path, OperatorFolder] = {}


def add_folder(path: Path) -> OperatorFolder:
    """Take an operator from a folder that no package brings. May be called again.

    Raises UserError where it is no such folder or where there is an operator of that name.
    """
    path = path.absolute()
    if path in _added:
        return _added[path]
    for name in ("__init__.py", "rtl.py"):
        if not (path / name).is_file():
            raise UserError(
                f"this is no operator: there is no {name}", str(path), "give a folder as docs/operators.md describes it"
            )
    if not path.name.isidentifier() or any(folder.path.name == path.name for folder in folders()):
        raise UserError(
            f"an operator cannot be called {path.name!r}",
            str(path),
            "choose another name for the folder, a Python identifier",
        )
    package = f"{_OUTSIDE}.{path.name}"
    if _OUTSIDE not in sys.modules:
        sys.modules[_OUTSIDE] = ModuleType(_OUTSIDE, "Operators that `add_folder` has brought.")
        sys.modules[_OUTSIDE].__path__ = []
    spec = spec_from_file_location(package, path / "__init__.py", submodule_search_locations=[str(path)])
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[package] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[package]
        raise _not_loaded(path, error) from error
    _added[path] = OperatorFolder(path, package)
    return _added[path]


def _not_loaded(folder: Path, error: Exception) -> UserError:
    reason = (str(error).strip() or "no words").splitlines()[0][:300]
    return UserError(
        f"the operator cannot be loaded: {type(error).__name__}: {reason}", str(folder), "correct its Python files"
    )


def added_folders() -> tuple[Path, ...]:
    """What `add_folder` has brought, so that another process can do the same."""
    return tuple(_added)


def folders() -> tuple[OperatorFolder, ...]:
    """Ours by name, then those of installed packages, then those that were added. Raises UserError for a broken entry point."""
    return (*_own(), *_installed(), *_added.values())


@cache
def _own() -> tuple[OperatorFolder, ...]:
    here = Path(__file__).parent
    return tuple(OperatorFolder(f.parent, f"{__name__}.{f.parent.name}") for f in sorted(here.glob("*/rtl.py")))


@cache
def _installed() -> tuple[OperatorFolder, ...]:
    found = []
    for point in metadata.entry_points(group=ENTRY_POINTS):
        try:
            spec = find_spec(point.value)
        except ImportError:
            spec = None
        locations = list(spec.submodule_search_locations or []) if spec is not None else []
        if not locations or not (Path(locations[0]) / "rtl.py").is_file():
            raise UserError(
                f"the package {point.dist.name if point.dist else ''} brings an operator {point.value} that is not there",
                f"entry point {point.name} of group {ENTRY_POINTS}",
                "install the package again, or remove it",
            )
        found.append(OperatorFolder(Path(locations[0]), point.value))
    return tuple(found)


def rtl_operators() -> dict[str, Any]:
    """Hardware operator type, such as "MVAU" -> class of our RTL. Needs `finn_environment.prepare_finn` before."""
    return _rtl_operators(folders())


@cache
def _rtl_operators(found: tuple[OperatorFolder, ...]) -> dict[str, Any]:
    from hw_flows.operators.base import RtlOperator
    from hw_flows.operators.names import finn_name, is_own

    classes = {}
    for folder in found:
        module = folder.load("rtl")
        own = [
            value
            for name, value in vars(module).items()
            if isinstance(value, type)
            and issubclass(value, RtlOperator)
            and is_own(name)
            and value.__module__ == module.__name__
        ]
        if len(own) != 1:
            raise UserError(
                f"rtl.py has {len(own)} operators",
                str(folder.path),
                "define one class Open<Type>_rtl that derives from RtlOperator",
            )
        hw_type = finn_name(own[0].__name__)
        if hw_type in classes:
            raise UserError(f"there are two operators {hw_type}", str(folder.path), "give the class another name")
        classes[hw_type] = own[0]
    return classes


def front_ends() -> tuple[FrontEnd, ...]:
    """What the operators' folders declare of networks, in the order in which they convert them."""
    return _front_ends(folders())


@cache
def _front_ends(found: tuple[OperatorFolder, ...]) -> tuple[FrontEnd, ...]:
    declared: list[FrontEnd] = [folder.load("network").FRONT_END for folder in found if folder.has("network")]
    return tuple(sorted(declared, key=lambda front_end: front_end.order))


def register() -> None:
    """Register our operators with QONNX; needs `finn_environment.prepare_finn` before. May be called again."""
    from qonnx.custom_op.registry import add_op_to_domain

    from hw_flows.operators.names import finn_name

    for folder in folders():
        if folder.has("hw"):
            (own,) = (c for c in rtl_operators().values() if c.__module__ == f"{folder.package}.rtl")
            add_op_to_domain(HW_DOMAIN, getattr(folder.load("hw"), finn_name(own.__name__)))
    for rtl in rtl_operators().values():
        add_op_to_domain(RTL_DOMAIN, rtl)
