# SPDX-License-Identifier: BSD-3-Clause
"""What it takes to add something: each addition made in a copy of this project, its files counted, and a build with it.

    python -m trust.additions [--quick]

An operator is a folder anywhere, here the one in examples/operators; a board and a member of a family's boards are
files anywhere; a flow is a class in hw_flows/flows and its line in hw_flows/flow_names.py. A small network is built with
each, as a user names them; `--quick` stops these builds after their first step, when all has been found and chosen.
"""

from __future__ import annotations

import argparse
import filecmp
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trust.tiny import REPOSITORY, TinyBuild, write_network, write_rectified_network

#: What a build needs of this project.
PACKAGES = ("hw_flows", "quantunet", "quantunet_common", "quantunet_lab")
QUICK = ("--stop-step", "step_qonnx_cleanup")

ZYNQ_BOARD = """\
name: my-zynq
title: A Zynq board of somebody's
part: xc7z020clg484-1
family: xc7
shell: zynq7
clock_mhz: 100
oscillator_mhz: 50
ps_clock_mhz: 1000
"""

ECP5_BOARD = """\
name: my-ecp5
title: An ECP5 board of somebody's
part: LFE5U-25F-6BG256C
family: ecp5
shell: ecp5_uart
clock_mhz: 50
oscillator_mhz: 25
serial: {bridge: an adapter, baud: [1000000]}
pins:
  clock: P6
  rxd: L14
  txd: P15
  leds: [{site: P11, inverted: true}]
"""

FLOW = '''\
"""`--flow archive`: the RTL as one file, for tools elsewhere."""

from hw_flows.flows.flow import Flow


class Archive(Flow):
    """A flow that hands the RTL on."""

    meaning = "the RTL in one archive"
    families = ("xc7",)
    steps = ("step_make_bitstream",)
    only_on_request = True

    def needs(self):
        return []

    def make_bitstream(self, job):
        import shutil
        from pathlib import Path

        from hw_flows.flows.bitstream import Bitstream

        job.bitfile.mkdir(parents=True, exist_ok=True)
        made = Path(shutil.make_archive(str(job.bitfile / "rtl"), "zip", job.rtl))
        return Bitstream(self.name, (made,), "", {}, job.clock_mhz, job.clock_mhz, {}, {}, {})
'''
OPERATOR = REPOSITORY / "examples" / "operators" / "absolute_value"
BEFORE, ENTRY = '    ("vivado", ', '    ("archive", "hw_flows.flows.archive:Archive"),\n'


@dataclass(frozen=True)
class Addition:
    """`add(copy, outside)` makes it, in a copy of the project or outside of it, and returns qu-build's options for it."""

    what: str
    takes: str
    """What it should take, in words as `Touched.words` gives them."""
    add: Callable[[Path, Path], tuple[str, ...]]
    makes: str
    """A file that a whole build with it leaves in its output folder."""
    network: Callable[[Path], Path] = write_network
    """Writes what is built, with images, into a folder."""


@dataclass(frozen=True)
class Touched:
    """What an addition made or changed, by name: folders that are new as a whole, and files."""

    folders: tuple[str, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def words(self) -> str:
        kinds = (("new folder", self.folders), ("new file", self.new), ("changed file", self.changed))
        return ", ".join(f"{len(names)} {kind}{'s' if len(names) > 1 else ''}" for kind, names in kinds if names)


def _operator(copy: Path, outside: Path) -> tuple[str, ...]:
    shutil.copytree(OPERATOR, outside / OPERATOR.name, ignore=shutil.ignore_patterns("__pycache__"))
    return "--operators", str(outside / OPERATOR.name), "--flow", "none"


def _board(copy: Path, outside: Path) -> tuple[str, ...]:
    (outside / "my-zynq.yaml").write_text(ZYNQ_BOARD, encoding="utf-8")
    return "--board", str(outside / "my-zynq.yaml"), "--flow", "none"


def _ecp5_board(copy: Path, outside: Path) -> tuple[str, ...]:
    (outside / "my-ecp5.yaml").write_text(ECP5_BOARD, encoding="utf-8")
    return "--board", str(outside / "my-ecp5.yaml"), "--flow", "open"


def _flow(copy: Path, outside: Path) -> tuple[str, ...]:
    (copy / "hw_flows" / "flows" / "archive.py").write_text(FLOW, encoding="utf-8")
    names = copy / "hw_flows" / "flow_names.py"
    text = names.read_text(encoding="utf-8")
    assert text.count(BEFORE) == 1
    names.write_text(text.replace(BEFORE, ENTRY + BEFORE), encoding="utf-8")
    return "--board", "pynq-z2", "--flow", "archive"


ADDITIONS: tuple[Addition, ...] = (
    Addition("an operator", "1 new folder", _operator, "rtl/qu_absolute_value.sv", write_rectified_network),
    Addition("a board", "1 new file", _board, "report/resources.json"),
    Addition("an ECP5 board of another device", "1 new file", _ecp5_board, "bitfile/my-ecp5.bit"),
    Addition("a flow: a class, and its entry", "1 new file, 1 changed file", _flow, "bitfile/rtl.zip"),
)


def touched(copy: Path, outside: Path) -> Touched:
    """What differs between the copy and this project, and what lies outside of both."""
    folders = [path.name for path in outside.iterdir() if path.is_dir()]
    new = [path.name for path in outside.iterdir() if path.is_file()]
    changed = []
    for name in PACKAGES:
        for path in sorted((copy / name).rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            ours = REPOSITORY / path.relative_to(copy)
            if not ours.is_file():
                new.append(path.relative_to(copy).as_posix())
            elif not filecmp.cmp(path, ours, shallow=False):
                changed.append(path.relative_to(copy).as_posix())
    return Touched(tuple(sorted(folders)), tuple(sorted(new)), tuple(changed))


def attempt(addition: Addition, work: Path, quick: bool) -> tuple[Touched, str | None]:
    """Make an addition and build with it: what it touched, and what went wrong, if anything."""
    copy, outside = work / "copy", work / "outside"
    outside.mkdir(parents=True)
    network = addition.network(outside.parent)
    for name in PACKAGES:
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    options = addition.add(copy, outside)
    found = touched(copy, outside)
    build = TinyBuild(
        network, work / "build", work / "cache", (*options, *(QUICK if quick else ())), {"PYTHONPATH": str(copy)}
    )
    ended = build.run(work / "build.log")
    if ended.status != 0:
        return found, f"the build ended with status {ended.status}: {ended.last_words}"
    if not quick and not (build.output / addition.makes).is_file():
        return found, f"the build left no {addition.makes}"
    return found, None


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all additions take what they should and build, 1 one does not."""
    parser = argparse.ArgumentParser(prog="python -m trust.additions", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="only the first step of each build")
    quick = parser.parse_args(arguments).quick
    wrong = 0
    with TemporaryDirectory(prefix="additions-") as folder:
        for number, addition in enumerate(ADDITIONS):
            found, complaint = attempt(addition, Path(folder) / str(number), quick)
            well = complaint is None and found.words == addition.takes
            wrong += not well
            print(
                f"{addition.what}: {found.words} ({', '.join((*found.folders, *found.new, *found.changed))}); {complaint or 'builds'}"
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
