# SPDX-License-Identifier: BSD-3-Clause
"""Every module has a proof or a reason, and every broken copy can be made."""

from __future__ import annotations

from pathlib import Path

import pytest

import hw_flows
from hw_flows.machine.errors import UserError
from hw_flows.operators.fork.proof import FORK
from hw_flows.operators.proof import Bench, Mutant
from proofs.catalogue import all_benches
from proofs.scope import WITHOUT_PROOF
from proofs.sources import collect, design_files

BENCHES = all_benches()
RTL = Path(hw_flows.__file__).parent


def test_every_module_has_a_proof_or_a_reason() -> None:
    found = [
        path
        for group in ("operators", "shells", "stream_memory", "weight_memory")
        for path in RTL.glob(f"{group}/**/*.sv")
    ]
    modules = {path.relative_to(RTL).as_posix() for path in found if not path.stem.endswith("_bench")}
    sources = {path for bench in BENCHES for path in design_files(bench)}
    proved = {path.relative_to(RTL).as_posix() for path in sources if path.is_relative_to(RTL)}
    assert modules - proved - WITHOUT_PROOF.keys() == set()
    assert WITHOUT_PROOF.keys() <= modules


def test_names_are_unique() -> None:
    assert len({bench.name for bench in BENCHES}) == len(BENCHES)


@pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.name)
def test_every_broken_copy_differs_in_one_place(bench: Bench, tmp_path: Path) -> None:
    for mutant in bench.mutants:
        collect(bench, tmp_path / "broken", mutant)
        text = (tmp_path / "broken" / mutant.file).read_text()
        original = next(path for path in design_files(bench) if path.name == mutant.file).read_text()
        assert text != original
        assert text.replace(mutant.new, mutant.old, 1) == original or not mutant.new or mutant.new in original


def test_a_text_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="occurs 0 times"):
        collect(FORK, tmp_path / "broken", Mutant("order", "qu_fork_stream.sv", "no such text", ""))


def test_a_pattern_without_a_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no source matches"):
        collect(Bench("none", tmp_path, ("none/*.sv",), ({},), ()), tmp_path / "none")
