# SPDX-License-Identifier: BSD-3-Clause
"""Lists as GitHub reads them: what belongs to an item is indented like its text, and a list may follow a paragraph without
an empty line. Python-Markdown wants four blanks and the empty line, so pages are changed on their way to the site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_ITEM = re.compile(r"( *)([-*]|\d+\.) +(?=\S)")
_DEEP = 4


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with its lists as Python-Markdown reads them."""
    return with_deep_lists(markdown)


def with_deep_lists(markdown: str) -> str:
    """`markdown` with four blanks before whatever is inside of an item, for each level."""
    lines: list[str] = []
    items: list[int] = []  # columns at which the texts of the open items begin
    fenced = False
    parted = False  # whether the open item has an empty line
    for line in markdown.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        column = len(line) - len(line.lstrip())
        before = lines[-1] if lines else ""
        if not line.strip():
            lines.append(line)
            parted = True
            continue
        found = None if fenced or (not items and column >= _DEEP) else _ITEM.match(line)
        # A line without an empty one before it goes on with its paragraph, however little it is indented.
        if found or not before.strip():
            while items and column < items[-1]:
                items.pop()
        if found and column - (items[-1] if items else 0) < _DEEP:
            follows = not items and not _ITEM.match(before) and not before.startswith(" ")
            if before.strip() and (follows or parted):
                lines.append("")
            parted = False
            lines.append(" " * (_DEEP * len(items)) + line.lstrip())
            items.append(found.end())
            continue
        kept = max(column - (items[-1] if items else 0), 0)
        lines.append(" " * (_DEEP * len(items) + kept) + line.lstrip())
    return "\n".join(lines)
