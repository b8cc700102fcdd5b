"""How a command ends if it fails: one plain message and an exit status, with no traceback for a known problem."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from sia.errors import PermanentError

STOPPED = 128 + signal.SIGTERM


def close_to_other_users() -> None:
    """Let no other user of this machine read what this process and its children write: it may be a return."""
    os.umask(0o077)


class PlainErrors(TyperGroup):
    """A group of commands. Exit status 1 means that the user must change something first; the message says what."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        # When the command gets SIGTERM, it must stop PostgreSQL and the services in an orderly way.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except PermanentError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        except BrokenPipeError:
            # The reader has closed the pipe, as `head` does. Discard the rest.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
