import pytest

from hw_flows.errors import UserError
from hw_flows.vendor.zynq_bin import bit_to_bin, write_bin
from tests.hw_flows.vendor.report_texts import bitfile


def test_words_are_turned_around_and_the_header_is_gone():
    turned = bit_to_bin(bitfile(words=3))
    sync = turned.index(bytes.fromhex("665599aa"))
    assert sync % 4 == 0
    assert turned[sync + 4 :] == bytes.fromhex("000000000100000002000000")
    assert turned[:32] == b"\xff" * 32


def test_write_bin_puts_it_beside(tmp_path):
    (tmp_path / "a.bit").write_bytes(bitfile())
    assert write_bin(tmp_path / "a.bit") == tmp_path / "a.bin"
    assert (tmp_path / "a.bin").read_bytes() == bit_to_bin(bitfile())


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "does not begin"),
        (b"\x7fELF" + bytes(100), "does not begin"),
        (bitfile()[:-4], "ends after"),
        (bitfile().replace(bytes.fromhex("aa995566"), bytes(4)), "no sync word"),
        (bitfile()[:40], "no field e"),
    ],
)
def test_what_is_no_bitstream_is_refused(tmp_path, data, words):
    (tmp_path / "a.bit").write_bytes(data)
    with pytest.raises(UserError, match=words):
        write_bin(tmp_path / "a.bit")
    assert not (tmp_path / "a.bin").exists()
