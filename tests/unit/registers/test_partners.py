"""The register of partners: every sender has a mailbox, and an address is one mailbox and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sia.contract.model import returns
from sia.paths import REGISTERS
from sia.register_file import RegisterError
from sia.registers.partners import contacts, partners
from tests.own_registers import replace_register


def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, **change: str) -> None:
    register = yaml.safe_load((REGISTERS / "partners.yml").read_text(encoding="utf-8"))
    register["partners"][key] |= change
    replace_register(monkeypatch, tmp_path, "partners.yml", yaml.safe_dump(register))


def test_every_sender_of_every_return_has_a_synthetic_mailbox() -> None:
    register = partners()
    assert {key for contract in returns().values() for key in contract.senders} == set(register.partners)
    addresses = [a for p in register.partners.values() for a in (p.mailbox, p.escalation)] + [register.unit.mailbox]
    assert all(address.endswith("@example.org") for address in addresses)


def test_production_names_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed(tmp_path, monkeypatch, "odas", mailbox="returns@odas.example")
    assert partners().partners["odas"].mailbox == contacts({})["odas"].mailbox == "returns@odas.example"


@pytest.mark.parametrize(
    "address",
    ["someone", "a@example.org, b@example.org", "A Name <a@example.org>", "a@example.org\nBcc: b@a.org"],
)
def test_an_address_is_one_mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    changed(tmp_path, monkeypatch, "odas", mailbox=address)
    with pytest.raises(RegisterError, match=r"^partners.yml, line \d+: partners.odas.mailbox must be one email"):
        partners()


def test_a_sender_without_an_entry_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register = yaml.safe_load((REGISTERS / "partners.yml").read_text(encoding="utf-8"))
    del register["partners"]["odas"]
    replace_register(monkeypatch, tmp_path, "partners.yml", yaml.safe_dump(register))
    with pytest.raises(RegisterError, match="no mailbox for odas"):
        partners()
