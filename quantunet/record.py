# SPDX-License-Identifier: BSD-3-Clause
"""Small files in which a program keeps for itself what it has to know again."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file

Record = TypeVar("Record", bound=BaseModel)


def read_record(kind: type[Record], file: Path, most_bytes: int, fix: str) -> Record | None:
    """What the JSON file holds; None where there is none.

    Args:
        most_bytes: larger files are not opened.
        fix: what to do, in an error's words.

    Raises:
        UserError: it is damaged.
    """
    if not file.exists():
        return None
    require_input_file(file, most_bytes)
    try:
        return kind.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise UserError("is damaged", str(file), fix) from error
