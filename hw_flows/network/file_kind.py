# SPDX-License-Identifier: BSD-3-Clause
"""What a file is that is no ONNX model, told by its first bytes, and what to do instead."""

from __future__ import annotations

from pathlib import Path

_EXPORT = "export the network itself with Brevitas' export_qonnx, and give that file"
#: (offset, bytes there) -> what such a file is, what to do.
_KINDS: tuple[tuple[int, bytes, str, str], ...] = (
    (
        0,
        b"version https://git-lfs",
        "it is a pointer of Git LFS, not the file that it stands for",
        "fetch the file: git lfs pull",
    ),
    (0, b"PK\x03\x04", "it is a zip archive, as torch.save writes weights", f"unpack it; of weights: {_EXPORT}"),
    (0, b"\x80\x02", "it is a pickle, as torch.save writes weights", _EXPORT),
    (0, b"\x1f\x8b", "it is compressed with gzip", "unpack it first"),
    (0, b"BZh", "it is compressed with bzip2", "unpack it first"),
    (0, b"\xfd7zXZ", "it is compressed with xz", "unpack it first"),
    (0, b"\x93NUMPY", "it is an array of NumPy", "give the network here, and images with --verify-input"),
    (
        0,
        b"\x89HDF",
        "it is of HDF5, as Keras writes networks",
        "convert it to ONNX (tf2onnx), quantized in the QDQ format",
    ),
    (4, b"TFL3", "it is of TensorFlow Lite", "convert it to ONNX (tf2onnx), quantized in the QDQ format"),
    (4, b"ORTM", "it is of ONNX Runtime's own format", "give the .onnx file that it was made of"),
)
_HTML = (b"<!doctype", b"<html", b"<?xml")
_FIRST = 512
#: A protobuf message of ONNX begins with the version of its format, field 1.
_BEGINS = b"\x08"


def kind_of_file(path: Path) -> tuple[str, str] | None:
    """What the file is and what to do; None where it may be an ONNX model that is damaged. Of one that is no file, too."""
    try:
        with path.open("rb") as handle:
            first = handle.read(_FIRST)
    except OSError:
        return None
    if not first:
        return "the file is empty", "export or copy it again"
    for offset, magic, what, fix in _KINDS:
        if first[offset:].startswith(magic):
            return what, fix
    text = first.lstrip().lower()
    if text.startswith(_HTML):
        return "it is a web page", "download the file itself (the page's link to the raw file)"
    if all(byte >= 32 or byte in b"\t\n\r" for byte in first):
        return "it is a text file", _EXPORT
    if not first.startswith(_BEGINS):
        return "it does not begin as an ONNX model does", _EXPORT
    return None
