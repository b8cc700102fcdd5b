"""Every command of ``sia`` with its arguments and help.

A command imports its code when it is called, so that no command waits for imports that it does not need.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sia.cli.plain_errors import PlainErrors

_RETURNS = "Returns"
_SCORECARD = "Scorecards, releases and papers"
_WAREHOUSE = "The warehouse"
_SERVICES = "Services"

app = typer.Typer(
    cls=PlainErrors,
    help="Quarterly returns of community safety partners: load, check, compare and release them.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables could show values of a return.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
login = typer.Typer(help="Log-ins of the warehouse.", no_args_is_help=True)
app.add_typer(login, name="login", rich_help_panel=_WAREHOUSE)

ReturnFile = Annotated[Path, typer.Argument(metavar="FILE", help="The file.")]
ReturnName = Annotated[str, typer.Option("--return", metavar="NAME", help="The return, if the file does not name it.")]
ReturnQuarter = Annotated[str, typer.Option("--quarter", metavar="QUARTER", help="The quarter, for example 2021-22Q4.")]
Source = Annotated[str, typer.Option("--source", metavar="SENDER", help="The sender, if a return has several.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY")]


@app.command(rich_help_panel=_RETURNS)
def ingest(
    file: ReturnFile,
    return_name: ReturnName = "",
    quarter: ReturnQuarter = "",
    source: Source = "",
    received: Annotated[
        str, typer.Option(metavar="DAY", help="When it was received, for example 2022-04-20. Default: today.")
    ] = "",
) -> None:
    """Load one file: put it into the inbox, and run its ingest DAG."""
    from sia.cli.ingest import ingest
    from sia.intake.identify import Details

    ingest(file.expanduser(), Details(return_name, quarter, source, received))


@app.command(rich_help_panel=_RETURNS)
def check(file: ReturnFile, return_name: ReturnName = "", quarter: ReturnQuarter = "", source: Source = "") -> None:
    """Check a return before you send it, and write a workbook that shows what to fix. Nothing is loaded or kept."""
    from sia.cli.check import check
    from sia.intake.identify import Details

    check(file.expanduser(), Details(return_name, quarter, source))


@app.command(rich_help_panel=_RETURNS)
def backfill(
    first: Annotated[str, typer.Option("--from", metavar="QUARTER", help="The first quarter, for example 2017-18Q1.")],
    last: Annotated[
        str, typer.Option("--to", metavar="QUARTER", help="The last quarter. Default: the one before the first draft.")
    ] = "",
) -> None:
    """Load earlier quarters from the inbox with an Airflow backfill, then draft their scorecards."""
    from sia.cli.backfill import backfill

    backfill(first, last)


@app.command(rich_help_panel=_RETURNS)
def templates(
    quarter: Annotated[str, typer.Option(metavar="QUARTER", help="The quarter. Default: the last that ended.")] = "",
    to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="The folder to write to.")] = None,
) -> None:
    """Write the blank workbooks for partners."""
    from sia.cli.templates import templates

    templates(quarter, to)


@app.command(rich_help_panel=_SCORECARD)
def approve(
    quarter: Annotated[str, typer.Argument(metavar="QUARTER", help="For example 2021-22Q4.")],
    reject: Annotated[bool, typer.Option("--reject", help="Send the release back instead of publishing it.")] = False,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="Stored permanently with the decision.")] = "",
) -> None:
    """Prepare the release of a quarter, show what has changed, and decide on it. Needs make up."""
    from sia.cli.approve import approve

    approve(quarter, comment, approved=not reject)


@app.command(rich_help_panel=_SCORECARD)
def releases() -> None:
    """List the releases."""
    from sia.cli.releases import releases

    releases()


@app.command(rich_help_panel=_SCORECARD)
def release_verify(release: Annotated[str, typer.Argument(metavar="RELEASE", help="For example 2021-22Q4/1.")]) -> None:
    """Rebuild a release from the warehouse and compare every byte."""
    from sia.cli.releases import verify

    verify(release)


@app.command(rich_help_panel=_SCORECARD)
def papers(
    quarter: Annotated[
        str, typer.Option(metavar="QUARTER", help="Write the Board's paper and the reports of a quarter: 2021-22Q4.")
    ] = "",
    year: Annotated[str, typer.Option(metavar="YEAR", help="Write the assessment pack of a year: 2021-22.")] = "",
) -> None:
    """Write papers from releases: the Board's paper and the reports of a quarter, the pack of a year, or all."""
    from sia.cli.papers import papers

    papers(quarter, year)


@app.command(rich_help_panel=_SCORECARD)
def restricted(quarter: Annotated[str, typer.Argument(metavar="QUARTER", help="For example 2021-22Q4.")]) -> None:
    """Write the restricted editions of partnerships' reports, for the readers that an agreement names."""
    from sia.cli.restricted import restricted

    restricted(quarter)


@app.command(rich_help_panel=_SCORECARD)
def trace(
    measure: Annotated[str, typer.Option(metavar="MEASURE", help="The measure, by its id or title.")] = "",
    area: Annotated[str, typer.Option(metavar="AREA", help="The area, by its code or name.")] = "",
    quarter: Annotated[str, typer.Option(metavar="QUARTER", help="For example 2021-22Q4.")] = "",
    known: Annotated[str, typer.Option(metavar="DAY", help="The figure as known on this day. Default: today.")] = "",
) -> None:
    """Show which returns, sheets and rows a figure comes from."""
    from sia.cli.trace import trace

    trace(measure, area, quarter, known)


@app.command(rich_help_panel=_SCORECARD)
def reconcile(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Published figures as CSV. Default: the register.")
    ] = None,
) -> None:
    """Compare the warehouse with published figures."""
    from sia.cli.reconcile import reconcile

    reconcile(file)


@app.command(rich_help_panel=_WAREHOUSE)
def dictionary(
    to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="The folder to write to.")] = None,
) -> None:
    """Write the data dictionary as web pages and as a workbook."""
    from sia.cli.warehouse import write_dictionary

    write_dictionary(to)


@app.command(rich_help_panel=_WAREHOUSE)
def extracts(
    since: Day = None, to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="The folder to write to.")] = None
) -> None:
    """Write the marts as CSV and Parquet files with checksums. With --since, also write the changes since that day."""
    from sia.cli.warehouse import write_extracts

    write_extracts(to, since.date() if since else None)


@app.command(rich_help_panel=_WAREHOUSE)
def backup(to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="The folder to write to.")] = None) -> None:
    """Back up the warehouse, and restore the backup into a second database to prove it."""
    from sia.cli.warehouse import back_up

    back_up(to)


@app.command(rich_help_panel=_WAREHOUSE)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup. Its manifest must be in the same folder.")],
) -> None:
    """Replace the warehouse with a backup. The former warehouse is kept under another name."""
    from sia.cli.warehouse import restore

    restore(file.expanduser())


@login.command("add")
def login_add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    role: Annotated[str, typer.Option(metavar="ROLE", help="analyst, steward, publisher, loader or partner.")],
    sender: Annotated[
        str | None, typer.Option(metavar="SENDER", help="For a partner: the sender whose submissions they may see.")
    ] = None,
) -> None:
    """Create a log-in. Its password is shown once and not kept."""
    from sia.cli.warehouse import add_login

    add_login(name, role, sender)


@login.command("remove")
def login_remove(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Remove a log-in."""
    from sia.cli.warehouse import remove_login

    remove_login(name)


@login.command("list")
def login_list() -> None:
    """List the log-ins and their roles."""
    from sia.cli.warehouse import list_logins

    list_logins()


@app.command(rich_help_panel=_SERVICES)
def up() -> None:
    """Start Airflow, PostgreSQL and a mail catcher on this machine."""
    from sia.cli.services import up

    up()


@app.command(rich_help_panel=_SERVICES)
def down() -> None:
    """Stop what `up` started."""
    from sia.cli.services import down

    down()


@app.command(rich_help_panel=_SERVICES)
def mail(
    number: Annotated[int | None, typer.Argument(metavar="N", help="Show this letter. 1 is the first.")] = None,
) -> None:
    """List the letters in the mail catcher, or show one."""
    from sia.cli.services import mail

    mail(number)


@app.command(rich_help_panel=_SERVICES)
def status() -> None:
    """Say when Airflow last did its work. The exit status is 1 if that is too long ago."""
    from sia.cli.services import status

    status()


@app.command(rich_help_panel=_SERVICES)
def watch() -> None:
    """Watch Airflow from outside, and write to the unit when it does no work. `up` and Docker start it."""
    from sia.cli.services import watch

    watch()


@app.command(rich_help_panel=_SERVICES)
def prepare_production() -> None:
    """In Docker: create roles and databases, migrate them, and create the first log-in. Safe to repeat."""
    from sia.production import prepare

    prepare()
