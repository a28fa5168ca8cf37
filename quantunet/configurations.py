# SPDX-License-Identifier: BSD-3-Clause
"""The configurations that come with this project, which `--config` takes by name.

`quantunet/configs` is a link to `build_configs`; a wheel holds copies of its files.
"""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).with_name("configs")
#: Relative names in the files are meant from here, whether the folder is there or not.
WRITTEN_FOR = Path(__file__).parents[1] / "build_configs"


#: Those of trainings and experiments begin so; the others are of builds.
_TRAINING, _EXPERIMENT = "train_", "experiment_"


def names() -> list[str]:
    """All names, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def names_of_builds() -> list[str]:
    return [name for name in names() if not name.startswith((_TRAINING, _EXPERIMENT))]


def is_name(given: Path) -> bool:
    """Whether this is the name of a configuration, and no file of that name lies here."""
    return len(given.parts) == 1 and str(given) in names() and not given.is_file()


def configuration_file(given: Path) -> Path:
    """The file of a configuration that is given by name; any other path as it is."""
    return _FOLDER / f"{given}.yaml" if is_name(given) else given
