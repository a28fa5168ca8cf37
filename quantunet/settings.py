# SPDX-License-Identifier: BSD-3-Clause
"""The base of all settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Unknown keys are errors: a misspelt key would otherwise silently train another network."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
