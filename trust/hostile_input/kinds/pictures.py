# SPDX-License-Identifier: BSD-3-Clause
"""Images and masks: damaged files of every format, bombs, and folders with things that are no images."""

from __future__ import annotations

import io
import os
import shutil
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image

from trust.hostile_input.case import BadInput
from trust.hostile_input.mutate import damaged
from trust.hostile_input.payloads import NAMES, pickles
from trust.hostile_input.seeds import Seeds, picture

FILES, FOLDERS = "image file", "data-set folder"
_COMMAND = ("--data", "in/data", "--image-size", "16x16", "--pictures", "out/sheet.png")
_FORMATS = {
    "png": ("L", "RGBA", "P"),
    "jpg": ("L", "RGB", "CMYK"),
    "tif": ("L", "I;16"),
    "bmp": ("L", "1"),
    "gif": ("P",),
    "pgm": ("L",),
    "webp": ("RGB",),
}


def cases(seeds: Seeds) -> list[BadInput]:
    found = []
    for suffix, modes in _FORMATS.items():
        for mode in modes:
            sound = picture(suffix, mode)
            for index, (name, data) in enumerate(damaged(sound, 6, f"{suffix} {mode}")):
                kind = "masks" if index % 3 == 2 else "images"
                found.append(_file(seeds, f"{suffix} {mode} in {kind}: {name}", suffix, data, kind))
    for name, (suffix, content) in _crafted().items():
        found += [_file(seeds, f"{name} in {kind}", suffix, content, kind) for kind in ("images", "masks")]
    found += [_folder(seeds, name, change) for name, change in _layouts().items()]
    return found


def _file(seeds: Seeds, name: str, suffix: str, content: bytes | Callable[[], bytes], kind: str) -> BadInput:
    def write(folder: Path) -> None:
        shutil.copytree(seeds.data, folder / "data")
        (folder / "data" / kind / "case0.png").unlink()
        (folder / "data" / kind / f"case0.{suffix}").write_bytes(content if isinstance(content, bytes) else content())

    return BadInput(FILES, name, "qu-data", _COMMAND, write, attacked="--data")


def _folder(seeds: Seeds, name: str, change: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        shutil.copytree(seeds.data, folder / "data")
        change(folder / "data")

    kind = name.split(":")[0] if name.startswith(("busi", "lgg")) else "folder"
    return BadInput(FOLDERS, name, "qu-data", (*_COMMAND, "--data-kind", kind), write, attacked="--data")


def png(width: int, height: int, rows: bytes, bits: int = 8, *more: bytes, kind: int = 0) -> bytes:
    """A grey PNG (or of another `kind`) with any size in its header, and compressed rows that may be another number."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _crafted() -> dict[str, tuple[str, bytes | Callable[[], bytes]]]:
    flat = zlib.compress(bytes(2**20), 9)
    found: dict[str, tuple[str, bytes | Callable[[], bytes]]] = {
        "png of 2^31 x 2^31": ("png", png(2**31 - 1, 2**31 - 1, flat)),
        "png of 30,000 x 30,000": ("png", png(30_000, 30_000, flat)),
        "png of 13,000 x 13,000, complete": ("png", lambda: png(13_000, 13_000, _zeros(13_000 * 13_001))),
        "png of 1 x 2^31": ("png", png(1, 2**31 - 1, flat)),
        "png of 100,000 x 1": ("png", png(100_000, 1, zlib.compress(bytes(100_001)))),
        "png of 1 x 100,000": ("png", png(1, 100_000, zlib.compress(bytes(200_000)))),
        "png of 2,000,000 x 1": ("png", png(2_000_000, 1, zlib.compress(bytes(2_000_001)))),
        "png of 0 x 0": ("png", png(0, 0, flat)),
        "png with 1 GiB behind its rows": ("png", lambda: png(16, 16, _zeros(2**30))),
        "png with a comment of 64 MiB": ("png", _commented),
        "png of 1x1": ("png", png(1, 1, zlib.compress(bytes(2)))),
        "png, 3 bits": ("png", png(16, 16, flat, 3)),
        "tif that refers to itself": ("tif", b"II*\0\x08\0\0\0\0\0\x08\0\0\0"),
        "tif with 65,535 entries": ("tif", b"II*\0\x08\0\0\0\xff\xff" + bytes(12) * 65_535),
        "gif of 65,535 x 65,535": ("gif", b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08\x01\0;"),
        "pgm of 10^9 x 10^9": ("pgm", b"P5 1000000000 1000000000 255\n" + bytes(100)),
        "pgm with a comment of 1 MiB": ("pgm", b"P5 #" + b"x" * 2**20 + b"\n16 20 255\n" + bytes(320)),
        "pgm of negative size": ("pgm", b"P5 -16 -20 255\n" + bytes(320)),
        "pgm of 32 bits": ("pgm", b"P5 16 20 65536\n" + bytes(1280)),
        "bmp of negative size": ("bmp", _bmp(-16, -20)),
        "bmp of 2^31": ("bmp", _bmp(2**31 - 1, 2**31 - 1)),
        "PostScript under another name": (
            "png",
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(canary) (w) file\n",
        ),
        "svg under another name": ("png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
        "text": ("png", b"hello"),
        "empty": ("png", b""),
        "float tif": ("tif", picture("tif", "F")),
        "32-bit tif": ("tif", picture("tif", "I")),
        "tif of CIE L*a*b*": ("tif", picture("tif", "LAB")),
        "png of 16-bit colours": ("png", png(16, 20, zlib.compress(bytes(20 * 97)), 16, kind=2)),
        "tif of two pages": ("tif", _pages()),
    }
    found.update({f"pickle, {name}": ("png", data) for name, data in list(pickles().items())[:2]})
    return found


def _pages() -> bytes:
    page, file = Image.new("L", (16, 20)), io.BytesIO()
    page.save(file, "TIFF", save_all=True, append_images=[page.copy()])
    return file.getvalue()


def _zeros(size: int) -> bytes:
    """So many, compressed."""
    packer = zlib.compressobj(1)
    parts = [packer.compress(bytes(min(2**24, size - start))) for start in range(0, size, 2**24)]
    return b"".join(parts) + packer.flush()


def _commented() -> bytes:
    text = _zeros(2**26)
    chunk = b"zTXtcomment\0\0" + text
    framed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return png(16, 16, zlib.compress(bytes(16 * 17)), 8, framed)


def _bmp(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 64, 0, 0, 54) + head + bytes(64)


def _layouts() -> dict[str, Callable[[Path], object]]:
    found: dict[str, Callable[[Path], object]] = {}
    makers: dict[str, Callable[[Path], object]] = {
        "a named pipe": os.mkfifo,
        "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
        "a link to itself": lambda path: path.symlink_to(path.name),
        "a link to nothing": lambda path: path.symlink_to("nothing"),
        "a link to a secret": lambda path: path.symlink_to("../../../secret"),
        "a folder": Path.mkdir,
        "3 GiB of nothing": _sparse,
    }
    for what, make in makers.items():
        for kind in ("images", "masks"):
            found[f"{what} among {kind}"] = partial(_replaced, f"{kind}/case0.png", make)
            found[f"{what} in place of {kind}"] = partial(_replaced, kind, make)
        found[f"{what} in place of the data"] = partial(_replaced, ".", make)
    for name, payload in list(NAMES.items())[::2]:
        if _is_file_name(payload):
            found[f"pair named {name}"] = partial(_renamed, payload, True)
            found[f"image without partner named {name}"] = partial(_renamed, payload, False)
    found["name of bytes that are no text"] = partial(_renamed, "a\udcff\udc80b", False)
    found["pair of bytes that are no text"] = partial(_renamed, "a\udcff\udc80b", True)
    found["no file at all"] = partial(_unlink, lambda path: True)
    found["one pair"] = partial(_unlink, lambda path: path.stem != "case0")
    found["all images the same"] = lambda data: [
        shutil.copy(data / "images" / "case0.png", p) for p in (data / "images").iterdir() if p.stem != "case0"
    ]
    found["10,000 images without masks"] = _crowded
    for kind in ("busi", "lgg"):
        found[f"{kind}: a folder of pairs"] = lambda data: None
        found[f"{kind}: nothing"] = _emptied
        for what, make in makers.items():
            found[f"{kind}: {what}"] = partial(_unpacked, kind, make)
        found[f"{kind}: a folder that holds itself"] = partial(
            _unpacked, kind, lambda path: path.with_suffix("").symlink_to(".")
        )
        for name, payload in list(NAMES.items())[::3]:
            if _is_file_name(payload):
                found[f"{kind}: a file named {name}"] = partial(_unpacked, kind, partial(_beside, payload))
    return found


def _is_file_name(text: str) -> bool:
    return bool(text) and "/" not in text and "\0" not in text and len(text) < 200 and text != "."


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 3 * 2**30)


def _unlink(which: Callable[[Path], bool], data: Path) -> None:
    for path in filter(which, list(data.glob("*/*"))):
        path.unlink()


def _crowded(data: Path) -> None:
    for index in range(10_000):
        (data / "images" / f"{index}.png").touch()


def _emptied(data: Path) -> None:
    for path in list(data.iterdir()):
        shutil.rmtree(path)


def _beside(prefix: str, path: Path) -> None:
    path.with_name(prefix + path.name).write_bytes(b"x")


def _replaced(name: str, make: Callable[[Path], object], data: Path) -> None:
    path = data / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    make(path)


def _renamed(name: str, both: bool, data: Path) -> None:
    for kind in ("images", "masks") if both else ("images",):
        (data / kind / "case0.png").rename(data / kind / f"{name}.png")


def _unpacked(kind: str, make: Callable[[Path], object], data: Path) -> None:
    """The pairs as BUSI or LGG lays them out, with something strange among them."""
    images, masks = sorted((data / "images").iterdir()), sorted((data / "masks").iterdir())
    for index, (image, mask) in enumerate(zip(images, masks, strict=True)):
        if kind == "busi":
            folder, stem, suffix = data / ("benign", "malignant")[index % 2], f"{'benign'} ({index})", ".png"
            stem = f"{folder.name} ({index})"
        else:
            folder = data / f"TCGA_CS_{4940 + index}_19960909"
            stem, suffix = f"{folder.name}_1", ".tif"
        folder.mkdir(exist_ok=True)
        if suffix == ".tif":
            (folder / f"{stem}.tif").write_bytes(picture("tif", "RGB"))
            (folder / f"{stem}_mask.tif").write_bytes(picture("tif", "1"))
        else:
            shutil.copy(image, folder / f"{stem}.png")
            shutil.copy(mask, folder / f"{stem}_mask.png")
    shutil.rmtree(data / "images")
    shutil.rmtree(data / "masks")
    make(folder / f"{stem[:-1]}9{suffix}" if kind == "lgg" else folder / f"{folder.name} (9).png")
