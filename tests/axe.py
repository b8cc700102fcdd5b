"""axe-core, the accessibility engine of Deque, from the npm registry: fetched once, its hash checked."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chromium import Browser

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
ADDRESS = f"https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz"
KEPT = Path(__file__).resolve().parents[1] / ".make" / f"axe-core-{VERSION}.tgz"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 to level AA, and what is good practice beside it."""

WIDTHS = (1280, 320)


def script() -> str:
    """The engine's code.

    Raises:
        OSError: it was not fetched before, and the registry does not answer.
        ValueError: what came is not what was asked for.
    """
    if not KEPT.exists():
        with urllib.request.urlopen(ADDRESS, timeout=60) as answer:
            KEPT.parent.mkdir(exist_ok=True)
            KEPT.write_bytes(answer.read())
    content = KEPT.read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != SHA512:
        KEPT.unlink()
        raise ValueError(f"{ADDRESS} is not the axe-core {VERSION} whose hash is known")
    with tarfile.open(fileobj=io.BytesIO(content)) as packed:
        file = packed.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


def violations(browser: Browser, code: str) -> tuple[list[str], int]:
    """What breaks a rule on the page that is open, a line an element; and how many rules were kept.

    What is folded away is unfolded, so that it is looked at too.
    """
    browser.value("document.querySelectorAll('details').forEach(each => { each.open = true })")
    browser.ask("Runtime.evaluate", expression=code)
    answer: dict[str, Any] = browser.ask(
        "Runtime.evaluate",
        expression=f"axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}}).then(found => "
        "({passes: found.passes.length, violations: found.violations.map(one => "
        "one.nodes.map(node => `${one.id}: ${node.target} ${node.failureSummary}`)).flat()}))",
        awaitPromise=True,
        returnByValue=True,
    )
    found = answer["result"]["value"]
    return found["violations"], found["passes"]


def faults(window: Browser, code: str, address: str) -> list[str]:
    """What axe-core finds on a page at both widths, at neither of which it may be wider than its window."""
    found = []
    for width in WIDTHS:
        window.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
        )
        window.ask("Page.navigate", url=address)
        window.wait("document.readyState === 'complete' && document.querySelector('h1') !== null")
        said, kept = violations(window, code)
        assert kept > 15, f"axe-core looked at next to nothing of {address}"
        assert window.value("document.documentElement.scrollWidth") <= width, f"{address} scrolls at {width} pixels"
        found += [f"{width}: {one}" for one in said]
    return found


if __name__ == "__main__":
    script()
