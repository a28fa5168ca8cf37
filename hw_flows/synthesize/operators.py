# SPDX-License-Identifier: BSD-3-Clause
"""Every operator of an accelerator synthesized for the board's device, each distinct one once.

The cache keeps the netlists (RTLIL, compressed); what an operator takes is counted from its netlist. Yosys may map an
operator a LUT or two differently beside other operators, so a netlist is kept together with the names of those it was
made beside, and what a build reports does not depend on what was built before.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from hw_flows.accelerator import Accelerator, Instance, instance_hash
from hw_flows.families.family import Family
from hw_flows.families.resources import Resources
from hw_flows.machine.cache import cache_folder, find_entry, keep_entry
from hw_flows.machine.tools import ToolError, last_lines
from hw_flows.synthesize import yosys
from hw_flows.synthesize.cells import count_resources
from quantunet_common.locks import scratch_folder

BATCH_OPERATORS = 16
BATCH_LUTS = 4000  # predicted; a process of this size takes about 15 s
ROW_LUTS = 50  # counted for an operator whose own prediction is less
_SUFFIX = ".il.gz"
#: Resources and compressed RTLIL.
_Mapped = tuple[Resources, Path]


@dataclass(frozen=True)
class OperatorResources:
    """What one operator of the accelerator takes on the device."""

    name: str
    op_type: str
    layer: str
    resources: Resources
    netlist: Path
    """Compressed RTLIL of one module, see `read_netlist`."""


def synthesize_operators(
    accelerator: Accelerator,
    rtl: Path,
    family: Family,
    *,
    jobs: int = 1,
    logs: Path,
    progress: Callable[[int, int], None] | None = None,
) -> list[OperatorResources]:
    """Resources of every instance that is built, in the accelerator's order.

    `rtl` holds the sources and memory images; `logs` gets one Yosys log a process; `jobs` processes run at once;
    `progress(done, total)` is called in this thread with numbers of instances. Equal operators are synthesized once,
    results are kept in the cache folder between builds. Raises ToolError that names the operator where one cannot be
    synthesized.
    """
    recipe = yosys.recipe(family)
    groups: dict[str, list[Instance]] = {}
    for instance in accelerator.built:
        key = hashlib.sha256(f"{instance_hash(instance, rtl)}\n{recipe}".encode()).hexdigest()[:32]
        groups.setdefault(key, []).append(instance)

    netlists: dict[str, _Mapped] = {}
    missing = []
    for batch in _batches({key: group[0] for key, group in groups.items()}):
        known = {key: _read_cached(key, batch, family) for key in batch}
        netlists |= {key: found for key, found in known.items() if found is not None}
        if None in known.values():
            missing.append(batch)

    def report_progress() -> None:
        if progress is not None:
            progress(sum(len(groups[key]) for key in netlists), len(accelerator.built))

    report_progress()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        running = [pool.submit(_synthesize_batch, batch, rtl, family, logs, i) for i, batch in enumerate(missing)]
        try:
            for finished in as_completed(running):
                netlists.update(finished.result())
                report_progress()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise

    key_of = {instance.name: key for key, group in groups.items() for instance in group}
    return [OperatorResources(i.name, i.op_type, i.layer, *netlists[key_of[i.name]]) for i in accelerator.built]


def total_resources(operators: Sequence[OperatorResources]) -> Resources:
    """Sum over all operators; the accelerator has no logic outside of them, and it may need less (`link`)."""
    return sum((operator.resources for operator in operators), Resources())


def _batches(instances: dict[str, Instance]) -> list[dict[str, Instance]]:
    """Groups for one Yosys process each, the longest work first, so that all processes end at about the same time."""

    def luts(instance: Instance) -> float:
        return max(ROW_LUTS, instance.cost.get("lut", 0))

    batches: list[dict[str, Instance]] = []
    size = float("inf")
    for key, instance in sorted(instances.items(), key=lambda item: (-luts(item[1]), item[0])):
        if size + luts(instance) > BATCH_LUTS or len(batches[-1]) == BATCH_OPERATORS:
            batches.append({})
            size = 0
        batches[-1][key] = instance
        size += luts(instance)
    return batches


def _synthesize_batch(
    batch: dict[str, Instance], rtl: Path, family: Family, logs: Path, number: int
) -> dict[str, _Mapped]:
    """Resources and netlist of each operator; the netlists go to the cache. If the batch fails, each operator is tried alone."""
    log = logs / f"operators_{number}.log"
    try:
        netlists = yosys.map_operators({_module(key): i for key, i in batch.items()}, rtl, family, log)
    except ToolError:
        netlists = {}
        for key, instance in batch.items():
            netlists |= _synthesize_alone(_module(key), instance, rtl, family, logs)
    found = {}
    folder = cache_folder("synthesis")
    with scratch_folder(folder) as work:
        for key in batch:
            netlist, made = netlists[_module(key)], work / key
            resources = count_resources(count_cells(netlist), family)
            made.write_bytes(gzip.compress(netlist.encode(), compresslevel=6, mtime=0))
            found[key] = resources, keep_entry(folder, _entry(key, batch), _SUFFIX, made)
    return found


def _synthesize_alone(module: str, instance: Instance, rtl: Path, family: Family, logs: Path) -> dict[str, str]:
    log = logs / f"{instance.name}.log"
    try:
        return yosys.map_operators({module: instance}, rtl, family, log)
    except ToolError as error:
        reason = f"cannot synthesize operator {instance.name} ({instance.op_type}): it {error.reason}"
        raise ToolError("yosys", reason, log, last_lines(log)) from error


def count_cells(netlist: str) -> Counter[str]:
    """Cell type -> number of cells in an RTLIL text."""
    return Counter(re.findall(r"^  cell \\?(\S+) ", netlist, re.MULTILINE))


def read_netlist(path: Path) -> str:
    """RTLIL text of a netlist in the cache. Raises OSError, EOFError, zlib.error or ValueError where it is damaged."""
    return gzip.decompress(path.read_bytes()).decode()


def _module(key: str) -> str:
    return f"operator_{key}"


def _entry(key: str, batch: Iterable[str]) -> str:
    """Under which a netlist is kept: the operator, and those that it was made beside."""
    beside = hashlib.sha256("\n".join(batch).encode()).hexdigest()[:16]
    return f"{key}-{beside}"


def _read_cached(key: str, batch: Iterable[str], family: Family) -> _Mapped | None:
    """A netlist kept earlier; None where there is none, or where the file is damaged."""
    path = find_entry(cache_folder("synthesis"), _entry(key, batch), _SUFFIX)
    if path is None:
        return None
    try:
        netlist = read_netlist(path)
        if not yosys.is_netlist(netlist, _module(key)):
            return None
        return count_resources(count_cells(netlist), family), path
    except (OSError, EOFError, zlib.error, ValueError, KeyError):
        return None
