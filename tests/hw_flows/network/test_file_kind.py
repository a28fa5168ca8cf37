# SPDX-License-Identifier: BSD-3-Clause
"""A file that is no ONNX model is told as what it is."""

from pathlib import Path

import pytest

from hw_flows.machine.errors import UserError
from hw_flows.network.file import load_network
from tests.hw_flows.foreign import ForeignNet, export

FILES = {
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "zip archive": b"PK\x03\x04" + bytes(64),
    "pickle": b"\x80\x02}q\x00.",
    "gzip": b"\x1f\x8b\x08" + bytes(64),
    "Keras": b"\x89HDF\r\n\x1a\n" + bytes(64),
    "TensorFlow Lite": b"\x1c\x00\x00\x00TFL3" + bytes(64),
    "array of NumPy": b"\x93NUMPY\x01\x00v\x00" + b" " * 64,
    "web page": b"<!DOCTYPE html>\n<html>404</html>",
    "text file": b"model:\n  base_width: 4\n",
    "empty": b"",
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_another_kind_is_named(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(FILES[kind])
    with pytest.raises(UserError, match=f"not a readable ONNX model: .*{kind}") as caught:
        load_network(path)
    assert caught.value.fix


def test_a_file_that_was_cut_off_is_to_be_copied_again(tmp_path: Path) -> None:
    path = export(ForeignNet(), tmp_path / "net.onnx").path
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UserError, match="not a readable ONNX model") as caught:
        load_network(path)
    assert "cut off" in caught.value.fix
