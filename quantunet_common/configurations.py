# SPDX-License-Identifier: BSD-3-Clause
"""The configurations that come with this project, which `--config` takes by name.

Their files are in `build_configs`, where a clone shows them first; `quantunet_common/configs` is a link to it, in place of
which a wheel holds copies.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

_FOLDER = Path(__file__).with_name("configs")
#: Relative names in the files are meant from here, whether the folder is there or not.
WRITTEN_FOR = Path(__file__).parents[1] / "build_configs"


class Purpose(Enum):
    """What a configuration is for, and how the names of those begin that come along."""

    BUILD = ""
    TRAINING = "train_"
    EXPERIMENT = "experiment_"


def names(purpose: Purpose | None = None) -> list[str]:
    """Those of a purpose, or all, sorted."""
    found = sorted(path.stem for path in _FOLDER.glob("*.yaml"))
    return [name for name in found if purpose is None or purpose_of(name) is purpose]


def purpose_of(name: str) -> Purpose:
    return next(p for p in (Purpose.TRAINING, Purpose.EXPERIMENT, Purpose.BUILD) if name.startswith(p.value))


def is_name(given: Path) -> bool:
    """Whether this is the name of a configuration, and no file of that name lies here."""
    return len(given.parts) == 1 and str(given) in names() and not given.is_file()


def configuration_file(given: Path) -> Path:
    """The file of a configuration that is given by name; any other path as it is."""
    return _FOLDER / f"{given}.yaml" if is_name(given) else given


def what_to_give(purpose: Purpose) -> str:
    """What `--config` takes, for help and for advice."""
    return f"a YAML file, or one of: {', '.join(names(purpose))}"
