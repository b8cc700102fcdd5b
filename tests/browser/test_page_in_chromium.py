"""The page in a real browser: it fits a wide screen and one of 320 pixels, and its own policy allows its own style."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sia.presentation.scorecard_page import page
from tests.unit.presentation import synthetic

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--allow-file-access-from-files",
    "--virtual-time-budget=10000",
]

# A headless window is never narrower than 500 pixels, so the page stands in a frame of the width that is asked for.
FRAME = """<!DOCTYPE html><title>frame</title><body style="margin:0">
<iframe src="page.html" style="border:0;width:{width}px;height:{height}px"></iframe>
<p id="measured"></p>
<script>
onload = () => {{
  const page = document.querySelector("iframe").contentDocument;
  const wide = [...page.querySelectorAll("body *")].filter(
    (element) => !element.closest(".scroll > *, .skip") && element.getBoundingClientRect().right > {width} + 0.5);
  const text = page.querySelector(".picture text");
  document.querySelector("#measured").textContent = [
    "scroll", page.documentElement.scrollWidth,
    "overflowing", wide.length,
    "ground", page.defaultView.getComputedStyle(page.querySelector(".top")).backgroundColor,
    "letters", text.getBoundingClientRect().height.toFixed(1),
    "scrolling", page.querySelector(".card .scroll").scrollWidth > page.querySelector(".card .scroll").clientWidth,
  ].join(" ");
}};
</script>"""


def chromium(folder: Path, *arguments: str) -> str:
    assert CHROMIUM
    done = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("browser")
    (made / "page.html").write_bytes(page(synthetic.scorecard()))
    return made


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_fits_its_screen(folder: Path, width: int) -> None:
    frame = folder / f"frame-{width}.html"
    frame.write_text(FRAME.format(width=width, height=1200), encoding="utf-8")
    document = chromium(folder, "--dump-dom", f"--window-size={max(width, 500)},1400", frame.as_uri())
    found = re.search(r'<p id="measured">(.+?)</p>', document)
    assert found, "the page was not measured"
    words = found[1].replace("rgb(", "").replace(")", "").replace(", ", ",").split()
    measured = dict(zip(words[::2], words[1::2], strict=True))
    assert int(measured["scroll"]) <= width
    assert measured["overflowing"] == "0"
    # The style sheet is allowed by the page's own policy.
    assert measured["ground"] == "18,57,91"
    # Letters in pictures stay readable.
    assert float(measured["letters"]) >= 11
    # On a narrow screen a table scrolls inside its own region.
    assert measured["scrolling"] == str(width == 320).lower()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_picture_of_the_page_can_be_taken(folder: Path, width: int) -> None:
    frame, picture = folder / f"frame-{width}.html", folder / f"page-{width}.png"
    frame.write_text(FRAME.format(width=width, height=1200), encoding="utf-8")
    chromium(folder, f"--screenshot={picture}", f"--window-size={max(width, 500)},1200", frame.as_uri())
    # An empty picture of that size packs into a few thousand bytes.
    assert picture.stat().st_size > 30_000
