# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from pathlib import Path

import numpy as np

from quantunet.config import ModelConfig
from quantunet.data import Split, load_data
from quantunet.data_config import PyradiomicsConfig
from tests.quantunet.data.look_alikes import draw_pyradiomics, packed
from tests.quantunet.refusal import refused

NETWORK = ModelConfig(depth=1, image_size=(18, 20))


def load(path: Path, **settings: object) -> Split:
    return load_data(PyradiomicsConfig.model_validate({"path": path, **settings}), NETWORK)


def test_archive_and_folders_give_the_same_five_cases(tmp_path: Path) -> None:
    root = draw_pyradiomics(tmp_path)
    splits = [load(path) for path in (root, root / "data", tmp_path, packed(root))]
    for split in splits:
        assert split.train.names == splits[0].train.names
        assert np.array_equal(split.train.images, splits[0].train.images)
        assert np.array_equal(split.validation.masks, splits[0].validation.masks)
    cases = [{name.split()[0] for name in part.names} for part in (splits[0].train, splits[0].validation)]
    assert [len(part) for part in cases] == [4, 1]
    assert set.union(*cases) == {"brain1", "brain2", "breast1", "lung1", "lung2"}


def test_each_case_is_validated_once_in_five_folds(tmp_path: Path) -> None:
    root = draw_pyradiomics(tmp_path)
    held_out = [{name.split()[0] for name in load(root, folds=5, fold=fold).validation.names} for fold in range(5)]
    assert sorted(case for part in held_out for case in part) == ["brain1", "brain2", "breast1", "lung1", "lung2"]


def test_what_is_not_the_package_is_named(tmp_path: Path) -> None:
    root = draw_pyradiomics(tmp_path)
    archive = packed(root)
    broken, text = tmp_path / "broken.tar.gz", tmp_path / "text.tar.gz"
    broken.write_bytes(archive.read_bytes()[:5000])
    text.write_text("no archive")
    (root / "data" / "lung1_image.nrrd").unlink()
    for path, said in (
        (root, r"data: lacks 1 files: lung1_image\.nrrd"),
        (packed(root), r"lacks 1 files: lung1_image\.nrrd"),
        (broken, r"broken\.tar\.gz: is not a readable archive"),
        (text, r"text\.tar\.gz: is not a readable archive"),
        (tmp_path / "none.tar.gz", r"none\.tar\.gz: is not there"),
        (Path(__file__).parent, r"holds no brain1_image\.nrrd"),
    ):
        with refused(said + r"(.|\n)*pip download.*pyradiomics==3\.0\.1"):
            load(path)
