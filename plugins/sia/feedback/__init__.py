"""The reply to a return: marked workbook, letters, tasks, reminders, digests and the outbox."""
