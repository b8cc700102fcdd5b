"""The files of a release, each made from its data and from nothing else."""

from __future__ import annotations

from sia.presentation.exception_reports import exceptions_csv, exceptions_page
from sia.presentation.peer_tables import peers_csv
from sia.presentation.scorecard_page import page
from sia.presentation.scorecard_workbook import workbook
from sia.presentation.tidy_csv import tidy_csv
from sia.release import release_data
from sia.release.release_data import ReleaseData
from sia.release.revision_note import note


def release_files(data: ReleaseData) -> dict[str, bytes]:
    """The files of a release by name: its data, and what is made when that is read again."""
    quarter = data.scorecard.quarter
    content = release_data.to_bytes(data)
    data = release_data.from_bytes(content)
    scorecard = data.scorecard
    return {
        release_data.file_name(quarter): content,
        f"scorecard-{quarter.key}.csv": tidy_csv(scorecard),
        f"scorecard-{quarter.key}.xlsx": workbook(scorecard),
        f"scorecard-{quarter.key}.html": page(scorecard),
        f"exceptions-{quarter.key}.csv": exceptions_csv(scorecard, data.exceptions),
        f"exceptions-{quarter.key}.html": exceptions_page(scorecard, data.exceptions),
        **({f"peer-comparison-{quarter.key}.csv": peers_csv(scorecard)} if scorecard.peers else {}),
        **(note(data) if data.revises and (data.changes or data.conclusions) else {}),
    }
