# SPDX-License-Identifier: BSD-3-Clause
import pytest

from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route import ecppack
from hw_flows.place_route.ecppack import check_bitstream, pack, settings

#: A look-up table, one switch that its output goes through, and a wire that is always there.
CONFIGURATION = """\
.device LFE5U-85F

.comment Part: LFE5U-85F-6CABGA381
.sysconfig CONFIG_IOVOLTAGE 3.3

.tile R30C20:PLC2
arc: H01W0000 F4
arc: F4 F4_SLICE
word: SLICEC.K0.INIT 0101001100001111
enum: SLICEC.MODE LOGIC

.bram_init 3
000 001 1ff
"""


def test_what_a_configuration_says_of_the_fabric():
    found = settings(CONFIGURATION)
    assert found == {
        (".tile R30C20:PLC2", "arc: H01W0000 F4"),
        (".tile R30C20:PLC2", "word: SLICEC.K0.INIT 0101001100001111"),
        (".bram_init 3", "000 001 1ff"),
    }
    assert settings(CONFIGURATION.replace("0101001100001111", "1" * 16)) < found, (
        "all ones is what a device starts with"
    )


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack")
    configuration = folder / "routed.config"
    configuration.write_text(CONFIGURATION.split(".bram_init")[0])
    pack(configuration, folder / "out" / "design.bit", folder / "log")
    return configuration, folder / "out" / "design.bit"


def test_a_bitstream_unpacked_is_what_went_in(packed, tmp_path):
    configuration, bitstream = packed
    assert bitstream.read_bytes()[:2] == b"\xff\x00"
    assert "all 2 switches" in check_bitstream(bitstream, configuration, tmp_path, tmp_path)


def test_a_bitstream_of_another_configuration_is_noticed(packed, tmp_path):
    configuration, bitstream = packed
    other = tmp_path / "other.config"
    other.write_text(configuration.read_text().replace("0101001100001111", "0101001100001110"))
    with pytest.raises(CheckFailed, match="lacks 1 of 2 settings.*INIT 0101001100001110"):
        check_bitstream(bitstream, other, tmp_path / "work", tmp_path)


def test_a_packer_that_loses_bits_is_noticed(packed, tmp_path, monkeypatch):
    configuration, bitstream = packed

    def forgetful(source, target, log):
        source.write_text(source.read_text().replace("arc: H01W0000 F4\n", ""))
        pack(source, target, log)

    monkeypatch.setattr(ecppack, "pack", forgetful)
    with pytest.raises(CheckFailed, match="gives a different bitstream"):
        check_bitstream(bitstream, configuration, tmp_path / "work", tmp_path)
