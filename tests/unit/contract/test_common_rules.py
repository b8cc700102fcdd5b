from __future__ import annotations

import re
from pathlib import Path

import pytest

from sia.contract import common_rules
from sia.contract.model import Severity
from sia.paths import PROJECT
from sia.register_file import RegisterError

TO_DO = (
    "Send", "Save", "Open", "Copy", "Correct", "Remove", "Replace", "Unmerge", "Show", "Write", "Keep", "Break",
    "Leave", "Download", "Give", "must be",
)  # fmt: skip
INTAKE = PROJECT / "plugins" / "sia" / "intake"


def test_every_rule_is_used_by_the_intake_and_every_id_used_is_a_rule() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in INTAKE.rglob("*.py"))
    assert set(re.findall(r"INT-[A-Z]+-\d\d", code)) == set(common_rules.rules())


@pytest.mark.parametrize("rule", common_rules.rules().values(), ids=lambda rule: rule.id)
def test_words_end_as_a_sentence_and_say_what_to_do(rule: common_rules.CommonRule) -> None:
    said = rule.message_with(**dict.fromkeys(rule.placeholders, "x"))
    assert said.endswith(".")
    assert "{" not in said
    if rule.severity is Severity.CRITICAL:
        assert re.search(rf"\b({'|'.join(TO_DO)})\b", said)


@pytest.mark.parametrize(
    "text",
    [
        "rules: [{id: INT-A-01, tier: 1, severity: critical, message: 'The value {value}.'}]",
        "rules: [{id: SAN-A-01, tier: 1, severity: critical, message: 'No.'}]",
        "rules: [{id: INT-A-01, tier: 3, severity: critical, message: 'No.'}]",
        "rules: [{id: INT-A-01, tier: 1, severity: critical, message: 'No.', sayz: 'x'}]",
        "rules: [&a {id: INT-A-01, tier: 1, severity: warning, message: 'a'}, *a]",
    ],
)
def test_a_rule_that_says_too_much_or_is_misspelt_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "_common.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegisterError):
        common_rules.rules(path)
