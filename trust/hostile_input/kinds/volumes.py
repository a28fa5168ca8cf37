# SPDX-License-Identifier: BSD-3-Clause
"""Volumes, NIfTI and NRRD, and the archive of pyradiomics."""

from __future__ import annotations

import io
import os
import struct
import tarfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from trust.hostile_input.case import BadInput
from trust.hostile_input.mutate import damaged
from trust.hostile_input.payloads import NAMES
from trust.hostile_input.seeds import Seeds, compressed, nifti, nrrd_file

KIND, ARCHIVE = "volume", "archive of volumes"
_COMMAND = ("--data", "in/data", "--data-kind", "volumes", "--image-size", "16x16")
_SHAPE = (12, 10, 6)
Content = bytes | Callable[[], bytes]


def cases(seeds: Seeds) -> list[BadInput]:
    image = np.random.default_rng(5).integers(0, 200, _SHAPE).astype(np.int16)
    sound = {"nii": nifti(image), "nii.gz": compressed(nifti(image)), "nrrd": nrrd_file(image)}
    found = []
    for suffix, data in sound.items():
        for index, (name, other) in enumerate(damaged(data, 16, f"volume {suffix}")):
            kind = "masks" if index % 3 == 2 else "images"
            found.append(_case(f"{suffix} in {kind}: {name}", {f"{kind}/case0.{suffix}": other}))
    found += [_case(name, files) for name, files in _crafted(sound["nii"], image).items()]
    found += [_odd(name, make) for name, make in _ODD.items()]
    found += _archives()
    return found


def _write_sound(data: Path) -> None:
    source = np.random.default_rng(6)
    for kind in ("images", "masks"):
        (data / kind).mkdir(parents=True)
    for index in range(3):
        values = source.integers(0, 200, _SHAPE)
        (data / "images" / f"case{index}.nrrd").write_bytes(nrrd_file(values))
        (data / "masks" / f"case{index}.nrrd").write_bytes(nrrd_file(values > 150))


def _case(name: str, files: Mapping[str, Content]) -> BadInput:
    def write(folder: Path) -> None:
        data = folder / "data"
        _write_sound(data)
        for file in files:
            for old in (data / file).parent.glob("case0.*"):
                old.unlink()
        for file, content in files.items():
            (data / file).write_bytes(content if isinstance(content, bytes) else content())

    return BadInput(KIND, name, "qu-data", _COMMAND, write, attacked="--data")


def _odd(name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        _write_sound(folder / "data")
        file = folder / "data" / "images" / "case0.nrrd"
        file.unlink()
        make(file)

    return BadInput(KIND, name, "qu-data", _COMMAND, write, attacked="--data")


_ODD: dict[str, Callable[[Path], object]] = {
    "a named pipe": os.mkfifo,
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a folder": Path.mkdir,
    "a folder that holds itself": lambda path: path.with_name("more").symlink_to("."),
}


def _with_field(sound: bytes, offset: int, form: str, *numbers: float) -> bytes:
    """A NIfTI header with another field; offsets from the standard (nifti1.h)."""
    data = struct.pack(form, *numbers)
    return sound[:offset] + data + sound[offset + len(data) :]


def _crafted(sound: bytes, image: np.ndarray) -> dict[str, Mapping[str, Content]]:
    headers: dict[str, bytes] = {
        "32,767 voxels a side": _with_field(sound, 40, "<8h", 3, 32767, 32767, 32767, 1, 1, 1, 1),
        "7 axes": _with_field(sound, 40, "<8h", 7, 12, 10, 6, 1, 1, 1, 1),
        "no axis": _with_field(sound, 40, "<8h", 0, 12, 10, 6, 1, 1, 1, 1),
        "negative axes": _with_field(sound, 40, "<8h", 3, -12, -10, -6, 1, 1, 1, 1),
        "two axes": _with_field(sound, 40, "<8h", 2, 12, 10, 1, 1, 1, 1, 1),
        "99 axes": _with_field(sound, 40, "<8h", 99, 12, 10, 6, 1, 1, 1, 1),
        "values of an unknown type": _with_field(sound, 70, "<h", 999),
        "complex values": _with_field(sound, 70, "<2h", 32, 64),
        "colours": _with_field(sound, 70, "<2h", 128, 24),
        "scaled by NaN": _with_field(sound, 112, "<2f", float("nan"), 0),
        "scaled by 1e38": _with_field(sound, 112, "<2f", 1e38, 1e38),
        "scaled by infinity": _with_field(sound, 112, "<2f", float("inf"), 0),
        "data before the file": _with_field(sound, 108, "<f", -1e9),
        "data behind the file": _with_field(sound, 108, "<f", 1e9),
        "data at NaN": _with_field(sound, 108, "<f", float("nan")),
        "voxels of no size": _with_field(sound, 76, "<8f", *[0.0] * 8),
        "voxels of NaN": _with_field(sound, 76, "<8f", *[float("nan")] * 8),
        "a place of NaN": _with_field(sound, 280, "<12f", *[float("nan")] * 12),
        "a place of 1e38": _with_field(sound, 280, "<12f", *[1e38] * 12),
        "no magic": _with_field(sound, 344, "<4B", 0, 0, 0, 0),
        "of two files": sound[:344] + b"ni1\0" + sound[348:],
        "an extension of 2 GiB": sound[:348] + b"\1\0\0\0" + struct.pack("<2i", 2**31 - 16, 4) + sound[352:],
    }
    found: dict[str, Mapping[str, Content]] = {
        f"NIfTI: {name}": {"images/case0.nii": data} for name, data in headers.items()
    }
    start = _with_field(sound[:352], 40, "<8h", 3, 1024, 1024, 1024, 1, 1, 1, 1)
    # a file of gzip may be a row of files
    found["NIfTI: 2 GiB of zeros in 2 MiB"] = {
        "images/case0.nii.gz": lambda: compressed(start) + 128 * compressed(bytes(2**24))
    }
    fields: dict[str, dict[str, str]] = {
        "data in another file": {"data_file": "../../../secret"},
        "data in a system file": {"data_file": "/etc/passwd"},
        "data in a device": {"data_file": "/dev/zero"},
        "data in many files": {"data_file": "%d.raw 1 100000000 1"},
        "data in a list": {"data_file": "LIST"},
        "2^60 voxels": {"sizes": f"{2**20} {2**20} {2**20}"},
        "negative sizes": {"sizes": "-12 -10 -6"},
        "no sizes": {"sizes": "0 0 0"},
        "sizes that are none": {"sizes": "a b c"},
        "too few sizes": {"sizes": "12"},
        "60 axes": {"dimension": "60"},
        "an unknown type": {"type": "no such"},
        "blocks": {"type": "block", "block_size": "4"},
        "an unknown encoding": {"encoding": "rot13"},
        "text": {"encoding": "text"},
        "hexadecimal": {"encoding": "hex"},
        "broken gzip": {"encoding": "gzip"},
        "broken bzip2": {"encoding": "bzip2"},
        "skips 2^60 bytes": {"byte_skip": str(2**60)},
        "skips -2 bytes": {"byte_skip": "-2"},
        "skips lines": {"line_skip": str(2**40)},
        "directions that are none": {"space": "ras", "space_directions": "(a) b c"},
        "directions of NaN": {"space": "ras", "space_directions": "(nan,0,0) (0,nan,0) (0,0,nan)"},
        "an odd space": {"space": "\x1b[31m"},
        "key and value of code": {"keyvaluepair": "__import__('os').system('touch canary')"},
    }
    for name, more in fields.items():
        found[f"NRRD: {name}"] = {"images/case0.nrrd": nrrd_file(image, **more)}
        found[f"NRRD header: {name}"] = {"images/case0.nhdr": nrrd_file(image, **more)}
    found["NRRD: 1 GiB of zeros in 1 MiB"] = {
        "images/case0.nrrd": lambda: nrrd_file(image, encoding="gzip")[: -image.size] + 64 * compressed(bytes(2**24))
    }
    found["NRRD: 100,000 fields"] = {
        "images/case0.nrrd": nrrd_file(image, **{f"field{i}": "x" for i in range(100_000)})
    }
    for name, payload in list(NAMES.items())[::4]:
        field = payload.replace("\n", " ").replace("\r", " ")
        found[f"NRRD: content of {name}"] = {"images/case0.nrrd": nrrd_file(image, content=field, sample_units=field)}
    return found


_MEMBERS = tuple(f"{c}_{k}.nrrd" for c in ("brain1", "brain2", "breast1", "lung1", "lung2") for k in ("image", "label"))


def _archives() -> list[BadInput]:
    values = np.random.default_rng(7).integers(0, 200, _SHAPE)

    def tar(change: Callable[[tarfile.TarFile], None] | None = None, leave_out: int = 0) -> bytes:
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
            for name in _MEMBERS[leave_out:]:
                content = nrrd_file(values > 150 if "label" in name else values)
                _add(archive, f"pyradiomics-3.0.1/data/{name}", content)
            if change is not None:
                change(archive)
        return file.getvalue()

    def member(name: str, **more: object) -> Callable[[tarfile.TarFile], None]:
        return lambda archive: _add(archive, name, b"canary", **more)

    first = _MEMBERS[0]
    changes: dict[str, Content] = {
        "as it should be": tar(),
        "a member above": tar(member("../../../out_of_it")),
        "a member above that is wanted": tar(member(f"../../data/{first}")),
        "an absolute member": tar(member("/tmp/quantunet-absolute-member")),
        "an absolute member that is wanted": tar(member(f"/tmp/data/{first}")),
        "a link to a secret": tar(member(f"p/data/{first}", type=tarfile.SYMTYPE, linkname="../../../../secret"), 1),
        "a hard link to a secret": tar(member(f"p/data/{first}", type=tarfile.LNKTYPE, linkname="../secret"), 1),
        "a hard link to itself": tar(member(f"p/data/{first}", type=tarfile.LNKTYPE, linkname=f"p/data/{first}"), 1),
        "a device": tar(member(f"p/data/{first}", type=tarfile.CHRTYPE, devmajor=1, devminor=5), 1),
        "a named pipe": tar(member(f"p/data/{first}", type=tarfile.FIFOTYPE), 1),
        "a volume that is none": tar(member(f"p/data/{first}")),
        "2 GiB of zeros": lambda: tar(lambda archive: _add_zeros(archive, f"p/data/{first}", 2**31)),
        "no member": tar(leave_out=len(_MEMBERS)),
        "text": b"hello",
        "empty": b"",
    }
    changes.update({f"names: {n}": tar(member(p)) for n, p in list(NAMES.items())[::4] if "\0" not in p})
    contents = [*changes.items(), *damaged(tar(), 16, "pyradiomics")]
    arguments = ("--data", "in/data.tar.gz", "--data-kind", "pyradiomics", "--image-size", "16x16")
    return [
        BadInput(ARCHIVE, name, "qu-data", arguments, partial(_write_archive, data), attacked="--data")
        for name, data in contents
    ]


def _write_archive(data: Content, folder: Path) -> None:
    (folder / "data.tar.gz").write_bytes(data if isinstance(data, bytes) else data())


def _add(archive: tarfile.TarFile, name: str, content: bytes, **more: object) -> None:
    info = tarfile.TarInfo(name)
    info.size = 0 if more else len(content)
    for key, value in more.items():
        setattr(info, key, value)
    archive.addfile(info, io.BytesIO(content))


def _add_zeros(archive: tarfile.TarFile, name: str, size: int) -> None:
    class Zeros(io.RawIOBase):
        def read(self, count: int = -1) -> bytes:
            return bytes(count)

    info = tarfile.TarInfo(name)
    info.size = size
    archive.addfile(info, Zeros())
