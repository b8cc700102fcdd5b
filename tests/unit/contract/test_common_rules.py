from __future__ import annotations

import re
from pathlib import Path

import pytest

from sia.contract import common_rules
from sia.contract.model import Severity
from sia.paths import PROJECT
from sia.register_file import RegisterError

TO_DO = (
    "Add", "Ask", "Break", "Change", "Check", "Choose", "Copy", "Correct", "Delete", "Download", "Enter", "Give",
    "Keep", "Leave", "Load", "Open", "Remove", "Replace", "Save", "Send", "Show", "Unhide", "Unmerge", "Use", "Write",
    "add the", "change the contract", "enter Yes", "must be", "raise the limit",
)  # fmt: skip
CODE = PROJECT / "plugins" / "sia"


def test_every_rule_is_used_by_the_code_and_every_id_used_is_a_rule() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in CODE.rglob("*.py"))
    assert set(re.findall(r"INT-[A-Z]+-\d\d", code)) == set(common_rules.rules())


@pytest.mark.parametrize("rule", common_rules.rules().values(), ids=lambda rule: rule.id)
def test_a_message_is_a_sentence_and_says_what_to_do(rule: common_rules.CommonRule) -> None:
    message = rule.message_with(**dict.fromkeys(rule.placeholders, "x"))
    assert message.endswith(".")
    assert "{" not in message
    if rule.severity is Severity.CRITICAL:
        assert re.search(rf"\b({'|'.join(TO_DO)})\b", message)


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
def test_a_rule_with_unknown_or_misspelt_keys_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "_common.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegisterError):
        common_rules.rules(path)
