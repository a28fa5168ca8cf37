# SPDX-License-Identifier: BSD-3-Clause
"""qu-compare: two builds side by side, as a table and as a page."""

from __future__ import annotations

from pathlib import Path

from hw_flows.machine.errors import UserError
from quantunet_common.files import write_text_atomically


def compare(one: Path, other: Path, page: Path | None = None) -> str:
    """Both builds in words; with `page` also as a page there. Raises UserError where a folder is no build."""
    from hw_flows.compare.digest import read_digest
    from hw_flows.compare.page import comparison_page
    from hw_flows.compare.table import comparison_text

    if page is not None and page.suffix.lower() != ".html":
        raise UserError(
            "the comparison is written as a page of HTML", f"--output {page}", "give a name that ends in .html"
        )
    digests = (read_digest(one), read_digest(other))
    text = comparison_text(*digests)
    if page is not None:
        write_text_atomically(page, comparison_page(*digests))
    return text
