"""The demo's commands: ``python -m demo run``, ``releases``, ``samples`` and ``backfill``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sia.cli.plain_errors import PlainErrors, close_to_other_users

app = typer.Typer(
    cls=PlainErrors,
    help="The demo: synthetic returns for two years. No figure in them is real.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
First = Annotated[str, typer.Option("--from", metavar="QUARTER", help="The first quarter, for example 2017-18Q1.")]
Last = Annotated[str, typer.Option("--to", metavar="QUARTER", help="The last quarter.")]


@app.command()
def run() -> None:
    """Load the sample returns of 2020/21 and 2021/22 with Airflow, and print a summary of what happened."""
    from demo.run import run

    run()


@app.command()
def releases() -> None:
    """Release the demo's last four quarters, each as known on a day of the quarter after."""
    from demo.releases import release

    release()


@app.command()
def samples(
    first: First = "", last: Last = "", folder: Annotated[Path | None, typer.Option(metavar="FOLDER")] = None
) -> None:
    """Write sample returns into the inbox, or into another folder. Without --from and --to: all quarters."""
    from demo.samples.files import samples

    samples(first, last, folder)


@app.command()
def backfill(first: First, last: Last = "") -> None:
    """Write the sample returns of earlier quarters into the inbox, and load them with an Airflow backfill."""
    from demo.backfill import backfill

    backfill(first, last)


if __name__ == "__main__":
    close_to_other_users()
    app(prog_name="python -m demo")
