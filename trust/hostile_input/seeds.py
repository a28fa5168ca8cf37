"""Sound files of every kind, to be damaged: a small network with its checkpoint, QONNX file and arrays, and data sets."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (8, 8)
"""Height and width of the network's image."""


@dataclass(frozen=True)
class Seeds:
    """Where the sound files lie."""

    checkpoint: Path
    torch_file: Path
    network: Path
    """QONNX."""
    images: Path
    """Float32 (2, 1, 8, 8), k/255."""
    logits: Path
    data: Path
    """`images/` and `masks/` of six pairs, PNG."""


def make_seeds(folder: Path) -> Seeds:
    """Write all into `folder`."""
    import torch

    from quantunet.checkpoint import save_checkpoint
    from quantunet.config import FolderConfig, ModelConfig
    from quantunet.export import export_qonnx
    from quantunet.model import QuantUNet
    from quantunet.quantizers import freeze_widths

    data = draw_data(folder / "data")
    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=SIZE))
    model.data = FolderConfig(path=Path("in/data"))
    with torch.no_grad():
        for _ in range(3):
            model.train()(torch.rand(4, 1, *SIZE))
    freeze_widths(model)
    model.eval()
    seeds = Seeds(
        folder / "checkpoint", folder / "network.pt", folder / "network.onnx", folder / "images.npy",
        folder / "logits.npy", data,
    )  # fmt: skip
    save_checkpoint(seeds.checkpoint, model)
    torch.save({"model": model.config.model_dump(mode="json"), "state_dict": model.state_dict()}, seeds.torch_file)
    export_qonnx(model, seeds.network)
    images = (np.random.default_rng(3).integers(0, 256, (2, 1, *SIZE)) / 255).astype(np.float32)
    np.save(seeds.images, images)
    with torch.no_grad():
        np.save(seeds.logits, model.double()(torch.from_numpy(images).double()).float().numpy())
    return seeds


def draw_data(folder: Path, count: int = 6) -> Path:
    """Pairs of 20x16 pixels: a bright disc on noise and its mask."""
    source = np.random.default_rng(0)
    rows, columns = np.mgrid[:20, :16]
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    for index in range(count):
        disc = (rows - 8 - index % 3) ** 2 + (columns - 8) ** 2 < 20
        image = source.integers(0, 80, disc.shape) + 150 * disc
        Image.fromarray(image.astype(np.uint8)).save(folder / "images" / f"case{index}.png")
        Image.fromarray((255 * disc).astype(np.uint8)).save(folder / "masks" / f"case{index}.png")
    return folder


def picture(suffix: str, mode: str = "L", size: tuple[int, int] = (16, 20)) -> bytes:
    """An image file of width and height `size`."""
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    file = io.BytesIO()
    kind = {"jpg": "JPEG", "tif": "TIFF", "pgm": "PPM"}.get(suffix, suffix.upper())
    Image.fromarray(pixels).convert(mode).save(file, format=kind)
    return file.getvalue()


def nifti(values: np.ndarray) -> bytes:
    """An uncompressed NIfTI file with an affine of 1 mm."""
    import nibabel

    image: bytes = nibabel.Nifti1Image(values, np.eye(4)).to_bytes()
    return image


def compressed(data: bytes) -> bytes:
    """As gzip writes it at no time."""
    return gzip.compress(data, mtime=0)


def nrrd_file(values: np.ndarray, **header: str) -> bytes:
    """A NRRD file with raw data; more fields of the header by name, blanks as underscores."""
    fields = {
        "type": "uint8",
        "dimension": str(values.ndim),
        "sizes": " ".join(map(str, values.shape)),
        "encoding": "raw",
        **{name.replace("_", " "): text for name, text in header.items()},
    }
    text = "NRRD0004\n" + "".join(f"{name}: {value}\n" for name, value in fields.items()) + "\n"
    return text.encode("utf-8", "surrogateescape") + values.astype(np.uint8).tobytes(order="F")


def npy(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values, allow_pickle=True)
    return file.getvalue()


def npy_with_header(header: str, data: bytes = b"") -> bytes:
    """A .npy file of version 1.0 with any header."""
    text = header.encode("latin1") + b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data
