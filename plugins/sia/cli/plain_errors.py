"""How the command line ends: with one plain message and an exit status, never with a traceback for a known problem."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from sia.errors import PermanentError

STOPPED = 128 + signal.SIGTERM


class PlainErrors(TyperGroup):
    """A group of commands. Exit status 1: something must be changed first, and the message says what."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        # PostgreSQL and the services must be stopped in an orderly way when the command is asked to stop.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except PermanentError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        except BrokenPipeError:
            # The reader has seen enough, as `head` has. What is left goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
