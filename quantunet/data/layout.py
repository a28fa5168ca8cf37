# SPDX-License-Identifier: BSD-3-Clause
"""Which files are the images of a case and which its mask, by the patterns of the configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from quantunet.data.problems import Problems, listed
from quantunet.data_config import Layout
from quantunet_common.errors import UserError

_CASE = "{case}"


def matched_files(
    config: Layout, noun: str, stem_of: Callable[[Path], str | None], suffixes: Iterable[str]
) -> dict[str, tuple[tuple[Path, ...], Path]]:
    """Case -> files of the image, one for each of `config.images`, and file of the mask, sorted by case.

    Args:
        noun: what a file holds, for messages.
        stem_of: the name of a file, or of a folder that holds one series, without its suffix; None where it is of
            another kind.
        suffixes: those that there are, for messages.

    Raises:
        UserError: there are no such files, or cases are incomplete.
    """
    patterns = (*config.images, config.mask)
    if not config.path.is_dir():
        raise UserError("is not a folder", str(config.path), "Give the folder that holds the images and masks.")
    roots = {_folder_of(pattern) for pattern in patterns}
    files = _by_stem(config.path, roots, stem_of)
    left = dict(files)
    found: dict[str, dict[str, Path]] = {pattern: {} for pattern in patterns}
    # The one that says most goes first: `{case}` would also take the files of `{case}_mask`.
    for pattern in sorted(found, key=lambda pattern: -len(pattern.replace(_CASE, ""))):
        expression = _expression(pattern)
        for stem in list(left):
            match = expression.fullmatch(stem)
            if match:
                found[pattern][match["case"]] = left.pop(stem)
    if not any(found[pattern] for pattern in config.images):
        tried = config.images if found[config.mask] else patterns
        others = sorted(_by_stem(config.path, {""}, stem_of).keys() - {*files} | {*left})
        there = f"; there are {listed(others)}" if others else f", and no {noun} at all ({' '.join(suffixes)})"
        raise UserError(
            f"no {noun} lies at {' or '.join(tried)}{there}",
            str(config.path),
            "Describe the layout with data.images and data.mask (--images, --mask), or give another data.kind.",
        )
    _check_complete(config, found, files)
    return {
        case: (tuple(found[name][case] for name in config.images), found[config.mask][case])
        for case in sorted(found[config.mask])
    }


def _check_complete(config: Layout, found: dict[str, dict[str, Path]], files: dict[str, Path]) -> None:
    problems = Problems()
    advice: str | None = None
    for case in sorted(set().union(*found.values())):
        missing = [pattern.replace(_CASE, case) for pattern in found if case not in found[pattern]]
        if not missing:
            continue
        fix = "Add the files or remove the others of the case."
        if missing == [config.mask.replace(_CASE, case)]:
            kind = "images without a mask"
            advice = advice or _other_pattern(case, files, config) or fix  # of the first: names are alike
            fix = advice
        elif len(missing) == len(config.images):
            kind = "masks without an image"
        else:
            kind = "incomplete cases"
        problems.add(kind, UserError(f"{case} lacks {', '.join(missing)}", str(config.path), fix))
    problems.check(config.path)


def _other_pattern(case: str, files: dict[str, Path], config: Layout) -> str | None:
    """Advice where a file beside says the case and more: ``masks/a_segmentation`` for ``a``."""
    images = [_expression(pattern) for pattern in config.images]
    folder = _folder_of(config.mask)
    left = [stem for stem in files if not any(expression.fullmatch(stem) for expression in images)]
    for stem in left:
        name = stem.removeprefix(folder)
        if not stem.startswith(folder) or name == case or case not in name:
            continue
        before, _, after = name.rpartition(case)
        tried = (name.replace(case, _CASE, 1), before + _CASE + after, name.replace(case, _CASE))
        fitting = {
            folder + pattern: sum(map(bool, map(_expression(folder + pattern).fullmatch, left))) for pattern in tried
        }
        best = max(fitting, key=lambda pattern: fitting[pattern])
        return f'If {stem} is its mask, use data.mask: "{best}" (--mask "{best}").'
    return None


def _by_stem(path: Path, folders: Iterable[str], stem_of: Callable[[Path], str | None]) -> dict[str, Path]:
    """Path below `path` without suffix -> file, of those in `folders` and below."""
    files: dict[str, Path] = {}
    problems = Problems()
    every = {file for folder in folders if (path / folder).is_dir() for file in (path / folder).rglob("*")}
    for file in sorted(every):
        stem = None if file.name.startswith(".") else stem_of(file)
        if stem is None:
            continue
        full = file.with_name(stem).relative_to(path).as_posix()
        if full in files:
            twice = f"{files[full].name} and {file.name} have one stem"
            problems.add("files of one stem", UserError(twice, str(file.parent), "Rename or remove one."))
        files[full] = file
    problems.check(path)
    return files


def _folder_of(pattern: str) -> str:
    """What stands before the first part with a case: ``images/`` of ``images/{case}``."""
    before = pattern.split(_CASE)[0]
    return before[: before.rfind("/") + 1]


def _expression(pattern: str) -> re.Pattern[str]:
    first, *rest = (re.escape(text) for text in pattern.split(_CASE))
    return re.compile(first + r"(?P<case>[^/]+)" + "(?P=case)".join(rest))
