"""The list of components has every package of the production image, so that a known fault can be looked up."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from sia.paths import PROJECT


def test_the_list_has_every_package_with_its_version_and_hashes(tmp_path: Path) -> None:
    listed = tmp_path / "components.json"
    recipe = re.search(
        r"^components:.*\n(?:\t.*\n)*\t@(.*cyclonedx.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE
    )
    assert recipe is not None
    command = recipe[1].replace("$$", "$")
    subprocess.run(["sh", "-c", command], cwd=PROJECT, check=True, env={**os.environ, "FILE": str(listed)})
    document = json.loads(listed.read_text(encoding="utf-8"))
    assert document["bomFormat"] == "CycloneDX"
    lock = (PROJECT / "requirements-production.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[[^]]+\])?==([^\s;]+)", lock, re.MULTILINE))
    assert len(pinned) > 150
    assert {(component["name"], component["version"]) for component in document["components"]} == pinned
    assert all(
        any(reference.get("hashes") for reference in component["externalReferences"])
        for component in document["components"]
    )
