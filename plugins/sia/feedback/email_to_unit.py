"""An email to the unit about the service itself. It does not wait in the outbox, which may be what does not work."""

from __future__ import annotations

from uuid import uuid4

from sia.feedback.smtp import Email, MailServer, time_limit
from sia.registers.partners import partners


def email_unit(server: MailServer, subject: str, text: str) -> None:
    """Send the unit an email of one paragraph at once.

    Raises:
        OSError: no mail server answers, or it refuses the email (``smtplib.SMTPException`` is one).
        SendingTimeoutError: the mail server took too long.
    """
    unit = partners().unit
    email = Email(
        message_id=f"<{uuid4()}@{unit.mailbox.partition('@')[2]}>",
        sender=unit.mailbox,
        recipient=unit.mailbox,
        subject=subject,
        plain=f"{text}\n",
        html=f'<!DOCTYPE html>\n<html lang="en-GB"><head><title>{subject}</title></head><p>{text}</p></html>\n',
        attachment=None,
    )
    with time_limit(), server() as client:
        client.send_message(email.message())
