"""The record of what people did on the pages (``desk.action``): who, what, when, before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from psycopg2.extensions import cursor as Cursor

REFUSED = "refused"


def record(
    cursor: Cursor,
    done_by: str | None,
    action: str,
    about: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record an action in the caller's transaction.

    Args:
        cursor: of that transaction.
        done_by: the mailbox of the person; None if nobody has signed in.
        action: what was done, in a word.
        about: what it was about, without a value of a return.
        before: what it was before.
        after: what it is now.
    """
    cursor.execute(
        "INSERT INTO desk.action (done_by, action, about, before, after) VALUES (%s, %s, %s, %s, %s)",
        (
            done_by,
            action,
            about,
            *(None if part is None else json.dumps(part, default=str) for part in (before, after)),
        ),
    )
