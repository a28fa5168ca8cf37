# SPDX-License-Identifier: BSD-3-Clause
"""READMEs and other pages that lie beside the code become pages of the site, and links among all of them stay right.

`extra.readmes` of mkdocs.yml says which file becomes which page. In the repository every link is a path, as GitHub and
editors follow it. On the site a link to a file that has no page, such as a source file, becomes its text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.DOTALL | re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#", re.IGNORECASE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of `extra.readmes`."""
    from mkdocs.structure.files import File

    root = Path(config.config_file_path).parent
    for source, page in config.extra["readmes"].items():
        files.append(File.generated(config, page, content=(root / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with its links as the site needs them."""
    pages: dict[str, str] = config.extra["readmes"]
    source = next((name for name, made in pages.items() if made == page.file.src_uri), f"docs/{page.file.src_uri}")
    return with_links_of_the_site(markdown, source, page.file.src_uri, pages)


def with_links_of_the_site(markdown: str, source: str, page: str, pages: dict[str, str]) -> str:
    """`markdown` of the repository's file `source` as it is to stand on the site's page `page`.

    Args:
        pages: file of the repository -> page, for files outside of docs/.
    """

    def replaced(match: re.Match[str]) -> str:
        mark, text, target = match.groups()
        if _ELSEWHERE.match(target):
            return match.group()
        path, _, anchor = target.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        made = pages.get(file) or pages.get(f"{file}/README.md")
        if made is None and file.startswith("docs/"):
            made = file.removeprefix("docs/")
        if made is None and file == "README.md":
            made = "index.md"
        if made is None or not posixpath.splitext(made)[1]:
            return text
        way = posixpath.relpath(made, posixpath.dirname(page) or ".")
        return f"{mark}[{text}]({way}{'#' + anchor if anchor else ''})"

    parts = _FENCED.split(markdown)
    return "".join(part if number % 2 else _LINK.sub(replaced, part) for number, part in enumerate(parts))
