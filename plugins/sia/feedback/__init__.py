"""What partners are told: the answer to a return with its workbook, the tasks, the digests, the outbox."""

from sia.feedback.digest import queue_digests
from sia.feedback.outbox import Sent, send, send_due
from sia.feedback.reply import after_decision

__all__ = ["Sent", "after_decision", "queue_digests", "send", "send_due"]
