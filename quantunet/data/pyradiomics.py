# SPDX-License-Identifier: BSD-3-Clause
"""The five tumours that the source package of pyradiomics holds; `PyradiomicsConfig` says how to get it.

The package (BSD-3-Clause) ships them as its test cases; nothing of it is installed or imported.
"""

from __future__ import annotations

import tarfile
import tempfile
import zlib
from pathlib import Path

from quantunet.config import ModelConfig
from quantunet.data.pairs import Split
from quantunet.data.problems import listed
from quantunet.data.volumes import load_volumes
from quantunet.data_config import PyradiomicsConfig, VolumesConfig
from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file

CASES = ("brain1", "brain2", "breast1", "lung1", "lung2")
_FILES = tuple(f"{case}_{kind}.nrrd" for case in CASES for kind in ("image", "label"))
#: Of a volume in the package; the largest has 17 MB.
_MOST_BYTES = 2**28
_FETCH = (
    "Run `pip download --no-deps --no-binary :all: pyradiomics==3.0.1` and give the .tar.gz, or what it unpacks to."
)


def load_pyradiomics(config: PyradiomicsConfig, model: ModelConfig) -> Split:
    """Axial slices with a tumour, split by case, scaled by each volume's percentiles.

    Raises:
        UserError: the package is not there, is another or damaged, or the network takes other than one
            channel.
    """
    if config.path.is_dir():
        return load_volumes(_layout(config, _folder(config.path)), model)
    with tempfile.TemporaryDirectory(prefix="quantunet-") as folder:
        _unpack(config.path, Path(folder))
        return load_volumes(_layout(config, Path(folder)), model)


def _layout(config: PyradiomicsConfig, folder: Path) -> VolumesConfig:
    shared = {name: value for name, value in config.model_dump().items() if name not in ("kind", "path")}
    return VolumesConfig(path=folder, images=("{case}_image",), mask="{case}_label", labels="nonzero", **shared)


def _folder(path: Path) -> Path:
    tried = [path, path / "data", *sorted(path.glob("pyradiomics-*/data"))]
    for folder in tried:
        present = [name for name in _FILES if (folder / name).is_file()]
        if len(present) == len(_FILES):
            return folder
        if present:
            missing = sorted(set(_FILES) - set(present))
            raise UserError(f"lacks {len(missing)} files: {listed(missing)}", str(folder), _FETCH)
    raise UserError(f"holds no {_FILES[0]}, so it is not pyradiomics", str(path), _FETCH)


def _unpack(archive: Path, folder: Path) -> None:
    """Write the volumes, and nothing else, of the package into `folder`."""
    if archive.exists():
        require_input_file(archive)
    try:
        with tarfile.open(archive, "r:*") as package:
            for member in package:
                name = Path(member.name).name
                if name in _FILES and Path(member.name).parent.name == "data" and member.isfile():
                    if member.size > _MOST_BYTES:
                        raise tarfile.TarError(f"{name} has {member.size:,} bytes")
                    content = package.extractfile(member)
                    assert content is not None
                    (folder / name).write_bytes(content.read())
    except FileNotFoundError as error:
        raise UserError("is not there", str(archive), _FETCH) from error
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise UserError(f"is not a readable archive ({error})", str(archive), _FETCH) from error
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise UserError(f"lacks {len(missing)} files: {listed(missing)}", str(archive), _FETCH)
