# SPDX-License-Identifier: BSD-3-Clause
"""Boards by name, and from files of the user's."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import yaml
from pydantic import ValidationError

from hw_flows.boards.board import Board
from hw_flows.machine.errors import UserError
from quantunet_common.files import require_input_file

SUFFIXES = (".yaml", ".yml")
MOST_BYTES = 2**20
#: Folder of a build with the file of the board, where it is the user's.
OWN_BOARDS = "board"


def available_boards() -> list[str]:
    """Names of all boards, sorted."""
    folder = resources.files("hw_flows.boards")
    return sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))


def load_board(name: str) -> Board:
    """The board of that name or alias, in any case (FINN writes Pynq-Z2), or of a YAML file.

    Raises UserError that lists all boards, or that names the file and its wrong fields.
    """
    if is_file_name(name):
        return read_board(Path(name))
    boards = available_boards()
    if name.lower() in boards:
        return _packaged(name.lower())
    for board in map(_packaged, boards):
        if name.lower() in board.aliases:
            return board
    raise UserError(
        f"there is no board named {name!r}",
        "board",
        f"give the path of a board's .yaml, or choose one of: {', '.join(boards)}",
    )


def is_file_name(name: str) -> bool:
    """Whether a board is given as a file: with its suffix, and in a folder that may be `.`, so that no name is meant."""
    return name.lower().endswith(SUFFIXES) and ("/" in name or Path(name).is_file())


def read_board(path: Path) -> Board:
    """The board that a YAML file describes. Raises UserError with the file and each wrong field."""
    if not path.exists():
        raise UserError("the board's file does not exist", str(path), "give a YAML file")
    require_input_file(path, MOST_BYTES)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the board's file cannot be read: {error}", str(path), "give a YAML file") from error
    return _parsed(text, str(path))


def board_of_build(output: Path, name: str) -> Board:
    """The board that the build in `output` was for; one of the user's own lies in there."""
    own = output / OWN_BOARDS / f"{name}.yaml"
    return read_board(own) if own.is_file() else load_board(name)


def _parsed(text: str, where: str) -> Board:
    try:
        values = yaml.safe_load(text)
    except Exception as error:  # PyYAML's constructors end on odd numbers and dates with errors of many types
        reason = str(error) or type(error).__name__
        raise UserError(f"the board's file is not YAML: {reason}", where, "correct the syntax") from error
    if not isinstance(values, dict):
        raise UserError("the board's file is not a mapping of fields", where, "give lines of `field: value`")
    try:
        return Board.model_validate(values)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        known = ", ".join(Board.model_fields)
        raise UserError(
            f"the board's file has wrong fields: {'; '.join(lines)}", where, f"known fields: {known}"
        ) from None


@cache
def _packaged(name: str) -> Board:
    file = resources.files("hw_flows.boards").joinpath(f"{name}.yaml")
    return _parsed(file.read_text(encoding="utf-8"), str(file))
