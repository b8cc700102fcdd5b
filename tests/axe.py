"""axe-core, Deque's accessibility engine: downloaded once from the npm registry, its hash checked.

``python tests/axe.py`` downloads it, with the standard library alone.
"""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chromium import Tab

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
URL = f"https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz"
DOWNLOADED = Path(__file__).resolve().parents[1] / ".make" / f"axe-core-{VERSION}.tgz"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 to level AA, and axe-core's rules of good practice."""

MIN_RULES_PASSED = 15
"""Fewer rules pass only on a page that is nearly empty."""

WIDTHS = (1280, 320)

_CHECK = f"""axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}}).then(results => ({{
    passed: results.passes.length,
    violations: results.violations.flatMap(rule =>
        rule.nodes.map(node => `${{rule.id}}: ${{node.target}} ${{node.failureSummary}}`)),
}}))"""


def engine_code() -> str:
    """The engine's JavaScript.

    Raises:
        OSError: it has not been downloaded yet, and the registry does not answer.
        ValueError: the file is not the one with our hash.
    """
    if not DOWNLOADED.exists():
        with urllib.request.urlopen(URL, timeout=60) as answer:
            DOWNLOADED.parent.mkdir(exist_ok=True)
            DOWNLOADED.write_bytes(answer.read())
    content = DOWNLOADED.read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != SHA512:
        DOWNLOADED.unlink()
        raise ValueError(f"{URL} is not the axe-core {VERSION} whose hash we know")
    with tarfile.open(fileobj=io.BytesIO(content)) as package:
        file = package.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


def violations(tab: Tab, code: str) -> list[str]:
    """The elements of the open page that break a rule, one line for each. Opens all that is folded away first."""
    tab.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    tab.evaluate(code)
    results: dict[str, Any] = tab.evaluate(_CHECK)
    assert results["passed"] > MIN_RULES_PASSED, "axe-core saw next to nothing of the page"
    lines: list[str] = results["violations"]
    return lines


def violations_at_every_width(tab: Tab, code: str, url: str) -> list[str]:
    """The violations of a page, wide and narrow, each with its width. The page may not scroll sideways."""
    lines = []
    for width in WIDTHS:
        tab.resize(width)
        tab.open(url)
        lines += [f"{width}: {line}" for line in violations(tab, code)]
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, f"{url} scrolls at {width} pixels"
    return lines


if __name__ == "__main__":
    engine_code()
