"""Signatures: a partner confirms the figures of a file, as it sends the file or once we have received it."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg2.extensions import cursor as Cursor

from sia.calendar import Quarter
from sia.contract.model import Contract
from sia.warehouse.sql_files import rows
from sia.web import actions
from sia.web.texts import checked_text
from sia.web.visits import RequestRefused, Visit, own_source

MAX_TITLE = 80
_SIGNED = "signed a return"


def job_title(form: Mapping[str, str]) -> str:
    """The job title of the person who signs with a form.

    Raises:
        RequestRefused: the figures are not confirmed, or the job title is missing or cannot be kept.
    """
    if form.get("confirmed") != "yes":
        raise RequestRefused(422, "Tick the box to confirm the figures.")
    title = checked_text(form.get("signed_as", ""), "your job title")
    if len(title) > MAX_TITLE:
        raise RequestRefused(422, f"Make your job title shorter: at most {MAX_TITLE} characters.")
    return title


def sign_file(
    cursor: Cursor, visit: Visit, contract: Contract, quarter: Quarter, content_hash: str, signed_as: str
) -> None:
    """Sign a file that the partner sends. The first signature of a file counts.

    Args:
        cursor: of the transaction.
        visit: of the partner.
        contract: of the return.
        quarter: of the return.
        content_hash: of the file.
        signed_as: the job title of the person who signs.
    """
    cursor.execute(
        "INSERT INTO feedback.signature (return_name, source, quarter_key, content_hash, signed_as, signed_by)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (contract.name, own_source(visit), quarter.key, content_hash, signed_as, visit.person.mailbox),
    )
    if cursor.rowcount:
        actions.record(
            cursor, visit.person.mailbox, _SIGNED, f"{contract.name} {own_source(visit)} {quarter.key}",
            after={"signed_as": signed_as},
        )  # fmt: skip


def sign_receipt(cursor: Cursor, visit: Visit, receipt: str, signed_as: str) -> None:
    """Sign the file with a receipt.

    Args:
        cursor: of the transaction.
        visit: of the partner who sent the file.
        receipt: the receipt.
        signed_as: the job title of the person who signs.

    Raises:
        RequestRefused: the file needs no signature any more, or it is another sender's.
    """
    signature = {
        "receipt": receipt,
        "source": own_source(visit),
        "signed_as": signed_as,
        "signed_by": visit.person.mailbox,
    }
    if not rows(cursor, "desk/sign_receipt", signature):
        raise RequestRefused(409, "This return needs no signature, or somebody has signed it. Open the page again.")
    actions.record(cursor, visit.person.mailbox, _SIGNED, receipt, after={"signed_as": signed_as})
