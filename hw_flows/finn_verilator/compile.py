# SPDX-License-Identifier: BSD-3-Clause
"""FINN's `compile_sim_obj` with Verilator: the same arguments, the library at the same place.

FINN writes the absolute paths of its working folders into the sources, which are new in every run. Here a source names
the folder `sources<i>` beside the library instead, a link to the real one: equal operators are compiled once, and
memory images are read from where FINN wrote them when the simulation starts, in the folder that FINN starts it in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from hw_flows.finn_verilator.adapt import adapt
from hw_flows.finn_verilator.ports import read_ports
from hw_flows.machine.cache import cached
from hw_flows.simulate.verilator import build_executable, recipe
from quantunet_common.files import copy_atomically, write_text_atomically

_HERE = Path(__file__).parent
_HARNESS = {name: (_HERE / name).read_text(encoding="utf-8") for name in ("design.cpp", "design_print.h")}
#: Verilator's hooks are replaced: its own end the process. Nothing is shared with other designs in the same process.
_COMPILER_FLAGS = "-fPIC -fvisibility=hidden -fno-gnu-unique -DVL_USER_FINISH -DVL_USER_STOP -DVL_USER_FATAL"
#: Only Verilator's runtime prints. The digest lets another header be another runtime in the cache.
_RUNTIME_FLAGS = (
    "-include ../design_print.h -DDESIGN_PRINT=0x" + hashlib.sha256(_HARNESS["design_print.h"].encode()).hexdigest()[:8]
)
_LINKER_FLAGS = "-shared -Wl,-Bsymbolic"
#: Unknown bits are 0: `if` and `?:` then take the branch that they take on X, and it is what registers of the FPGA begin
#: with. FINN's RTL counts on it: a register that enables others has no value before the first reset.
_OPTIONS = ("--timescale", "1ns/1ps", "--x-assign", "0", "--x-initial", "0")
_OPTIMIZATION = "-O1"
_DIRECTIONS = {"IN": 1, "OUT": 2, "INOUT": 3}


def compile_sim_obj(
    top_module_name: str,
    source_list: Sequence[str],
    sim_out_dir: Path,
    debug: bool = False,
    behav: bool = False,
    fifosim: bool = False,
) -> tuple[Path, Path]:
    """Compile `source_list` to a library for `finn_xsi.sim_engine`; returns `sim_out_dir` and the library's path in it.

    `debug`: waves can be written. `behav`: with the macro FINN_SIMULATION. `fifosim`: the top is FINN's
    `finn_design_wrapper`. Raises FINNInternalError for a source that is missing or of an unknown kind, FINNUserError for
    VHDL, ToolError where Verilator refuses the design.
    """
    from finn.util.basic import wait_for_file
    from finn.util.exception import FINNInternalError, FINNUserError

    order_pkg_first = import_module("finn_xsi.srcutil").order_pkg_first
    for source in source_list:
        if not wait_for_file(Path(source), timeout=5):
            raise FINNInternalError(f"Source file {source} not found. Check that all codegen ran successfully.")
    headers = sorted({str(Path(s).resolve().parent) for s in source_list if s.endswith((".vh", ".svh"))})
    modules = [
        Path(s).resolve() for s in order_pkg_first(list(dict.fromkeys(source_list))) if not s.endswith((".vh", ".svh"))
    ]
    for module in modules:
        if module.suffix == ".vhd":
            raise FINNUserError(f"{module} is VHDL, which Verilator does not read")
        if module.suffix not in (".v", ".sv"):
            raise FINNInternalError(f"Unknown extension for simulation sources: {module}")

    top = "finn_design_wrapper" if fifosim else top_module_name
    library = Path("xsim.dir") / top_module_name / "xsimk.so"
    texts = _with_links([(m, adapt(m.read_text(encoding="utf-8", errors="replace"))) for m in modules], sim_out_dir)
    options = (*_OPTIONS, *(["+define+FINN_SIMULATION"] if behav else []))
    included = [file.read_bytes() for folder in headers for file in sorted(Path(folder).glob("*.*vh"))]
    names = [f"{index:03d}_{module.name}" for index, module in enumerate(modules)]

    def build(made: Path) -> None:
        build_executable(
            top,
            [*names, "design.cpp"],
            {**_HARNESS, **dict(zip(names, texts, strict=True))},
            made,
            jobs=1,
            trace="fst" if debug else None,
            optimization=_OPTIMIZATION,
            log=sim_out_dir / "compile.log",
            options=[*options, *(f"-I{folder}" for folder in headers)],
            compiler_flags=_COMPILER_FLAGS,
            runtime_flags=_RUNTIME_FLAGS,
            linker_flags=_LINKER_FLAGS,
            translated=lambda folder: _write_ports(folder, top),
        )

    kept, _ = cached("simulators", _key(top, texts, included, options, debug), ".so", build)
    copy_atomically(kept, sim_out_dir / library)
    return sim_out_dir, library


def _with_links(sources: Sequence[tuple[Path, str]], sim_out_dir: Path) -> list[str]:
    """The texts with folders of sources replaced by links in `sim_out_dir`, which are made."""
    folders = list(dict.fromkeys(str(path.parent) for path, _ in sources))
    texts = [text for _, text in sources]
    for index, folder in sorted(enumerate(folders), key=lambda item: -len(item[1])):
        if not any(folder + "/" in text for text in texts):
            continue
        link = sim_out_dir / f"sources{index}"
        link.unlink(missing_ok=True)
        link.symlink_to(folder, target_is_directory=True)
        texts = [text.replace(folder + "/", f"{link.name}/") for text in texts]
    return texts


def _key(top: str, texts: Sequence[str], included: Sequence[bytes], options: Sequence[str], debug: bool) -> str:
    digest = hashlib.sha256(
        repr((top, options, debug, _COMPILER_FLAGS, _RUNTIME_FLAGS, _LINKER_FLAGS, _OPTIMIZATION)).encode()
    )
    for text in (*texts, *_HARNESS.values(), Path(__file__).read_text(encoding="utf-8"), recipe()):
        digest.update(text.encode() + b"\0")
    for data in included:
        digest.update(data + b"\0")
    return digest.hexdigest()[:40]


def _write_ports(folder: Path, top: str) -> None:
    """The table of ports for `design.cpp`."""
    rows = [
        f'  {{"{port.name}", {_DIRECTIONS[port.direction]}, {port.width}, '
        f"[](Top& top) -> void* {{ return &top.{port.member}; }}}},"
        for port in read_ports(folder, top)
    ]
    table = [
        f'#include "V{top}.h"',
        f"using Top = V{top};",
        "struct Row { const char* name; int direction; int width; void* (*address)(Top&); };",
        "const Row PORTS[] = {",
        *rows,
        "};",
    ]
    write_text_atomically(folder / "ports.h", "\n".join(table) + "\n")
