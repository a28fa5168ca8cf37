# SPDX-License-Identifier: BSD-3-Clause
"""What stitching writes for weights in memory: image, reader, system, all of one accelerator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hw_flows.machine.errors import UserError
from hw_flows.memory_system.description import FORMAT, SYSTEM, MemorySystem
from hw_flows.memory_system.write import enough_ports, write_system
from hw_flows.testing.lint import lint_module
from hw_flows.weight_memory.image import read_image, read_streams
from tests.hw_flows.memory_system.systems import Stitched, row_of_units, stitch, waiting_in_memory


@pytest.fixture(scope="module")
def stitched(tmp_path_factory: pytest.TempPathFactory) -> Stitched:
    return stitch(row_of_units(3), tmp_path_factory.mktemp("row"), ports=2)


def test_the_image_holds_what_the_units_take(stitched: Stitched) -> None:
    image = read_image(stitched.folder / "weights")
    assert image.layout == stitched.system.layout == MemorySystem.load(stitched.rtl).layout
    streams = read_streams(image)
    assert [stream.name for stream in streams] == ["conv0", "conv1", "conv2"]
    for stream, block, repeats in zip(streams, stitched.blocks().values(), (3, 2, 3), strict=True):
        assert stream.repeats == repeats
        assert np.packbits(stream.words, bitorder="little").tolist() == block.ravel().tolist()


@pytest.mark.parametrize("ports", [1, 2, 3])
def test_the_system_is_complete_and_passes_the_linter(ports: int, tmp_path: Path) -> None:
    stitched = stitch(row_of_units(3), tmp_path, ports=ports)
    sources = [stitched.rtl / name for name in (stitched.rtl / "filelist_system.f").read_text().split()]
    assert [source.name for source in sources] == list(stitched.system.sources)
    run = lint_module(SYSTEM, sources, {})
    assert (run.returncode, run.stderr) == (0, "")


def test_streams_in_memory_have_a_port_of_their_own_and_pass_the_linter(tmp_path: Path) -> None:
    stitched = stitch(waiting_in_memory(row_of_units(3), 1, 2), tmp_path, ports=1)
    system = MemorySystem.load(stitched.rtl)
    assert system == stitched.system and (system.readers, system.writers, system.ports) == (1, 1, 2)
    assert [ring.name for ring in system.rings] == [fifo.name for fifo in stitched.accelerator.rings]
    assert system.ring_bytes == sum(ring.bytes for ring in system.rings)
    run = lint_module(SYSTEM, [stitched.rtl / name for name in system.sources], {})
    assert (run.returncode, run.stderr) == (0, "")


def test_what_waits_at_the_accelerators_own_ends_is_refused(tmp_path: Path) -> None:
    for fifo in (0, 2):
        with pytest.raises(UserError, match="own input or output cannot wait"):
            stitch(waiting_in_memory(row_of_units(2), fifo), tmp_path)


def test_ports_are_as_many_as_carry_the_units_at_their_own_pace(stitched: Stitched) -> None:
    few = stitched.system.layout
    layout = replace(few, regions=tuple(replace(region, repeats=1000 * region.repeats) for region in few.regions))

    def ports(*bytes_a_cycle: float, most: int = 4) -> int:
        """Of units that take so many."""
        cycles = {r.name: round(r.frame_bytes / pace) for r, pace in zip(layout.regions, bytes_a_cycle, strict=True)}
        instances = (
            replace(instance, expected_cycles=cycles.get(instance.name, 1))
            for instance in stitched.accelerator.instances
        )
        return enough_ports(replace(stitched.accelerator, instances=tuple(instances)), layout, most)

    assert [ports(*paces) for paces in ((2.0, 2.0, 2.0), (1.0, 5.0, 1.0), (3.0, 3.0, 3.0))] == [1, 1, 2]
    assert [ports(*paces) for paces in ((4.0, 4.0, 4.0), (7.0, 7.0, 7.0), (9.0, 9.0, 9.0))] == [3, 3, 3]
    assert ports(7.0, 7.0, 7.0, most=2) == 2


def test_a_system_that_cannot_be_read_is_told(stitched: Stitched, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not described"):
        MemorySystem.load(tmp_path)
    (tmp_path / "system.json").write_text(
        (stitched.rtl / "system.json").read_text().replace(f'"format": {FORMAT}', '"format": 0')
    )
    with pytest.raises(UserError, match="format 0"):
        MemorySystem.load(tmp_path)


def test_several_outputs_are_refused(stitched: Stitched, tmp_path: Path) -> None:
    two = replace(stitched.accelerator, outputs=stitched.accelerator.outputs * 2)
    with pytest.raises(UserError, match="2 outputs"):
        write_system(two, stitched.blocks(), tmp_path)
