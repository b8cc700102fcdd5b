"""Small synthetic publications with the layout and the quirks of the real ones. Every figure is made up."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

OFFENCES = (
    "Total recorded crime\n (excluding fraud)\n [note 2]", "Violence against\n the person", "Homicide",
    "Death or serious injury caused by illegal driving", "Violence with injury", "Violence without injury",
    "Stalking and harassment", "Sexual offences", "Robbery", "Theft offences", "Burglary",
    "Residential burglary\n [note 7]", "Non-residential burglary", "Vehicle offences", "Theft from the person",
    "Bicycle theft", "Shoplifting", "All other theft offences", "Criminal damage and arson", "Drug offences",
    "Possession of weapons offences", "Public order offences", "Miscellaneous crimes against society",
)  # fmt: skip
HOUSEHOLDS = OFFENCES.index("Residential burglary\n [note 7]") + 1
# Force code and name, partnership code and name, authority code and name, offences now and a year before, residents.
CSP_ROWS: tuple[tuple[Any, ...], ...] = (
    ("E23000029", "Thames Valley", None, None, None, None, 1830, 1700, 620_000),
    ("E23000029", "Thames Valley ", "E22000305", "Cherwell", "E07000177", "Cherwell", 400, 420, 160_000),
    ("E23000029", "Thames Valley", "E22000308", "Oxford", "E07000178", "Oxford", 800, 700, 160_000),
    ("E23000029", "Thames Valley", "E22000312", "South Oxfordshire", "E07000179", "South Oxfordshire",
     200, 190, 150_000),
    ("E23000029", "Thames Valley", None, "Unassigned Thames Valley", None, None, 30, 10, None),
    ("E23000029", "Thames Valley", "E22000313", "Vale of White Horse", "E07000180", "Vale of White Horse",
     180, 170, 140_000),
    ("E23000029", "Thames Valley", "E22000315", "West Oxfordshire", "E07000181", "West Oxfordshire", 220, 210, 110_000),
    ("E23000038", "Wiltshire", None, None, None, None, 900, 1000, 300_000),
    ("E23000038", "Wiltshire", "E22000350", "Swindon", "E06000030", "Swindon", 600, 650, 200_000),
    ("E23000038", "Wiltshire", "E22000361", "Wiltshire", "E06000054", "Wiltshire", 300, 350, 100_000),
)  # fmt: skip
FORCE_ROWS: tuple[tuple[Any, ...], ...] = (
    ("K04000001", "ENGLAND AND WALES [note 3]", 50_000, 52_000, 1_000_000),
    ("E12000005", "West Midlands", 6_000, 6_100, 200_000),
    ("E23000014", "West Midlands", 3_000, 3_100, 100_000),
    (None, "British Transport Police", 90, 80, None),
    # The row of England and Wales is the sum of its forces.
    ("E23000099", "Everywhere else", 46_910, 48_820, 900_000),
)
_PLACES = ("Police Force\nArea code", "Police Force\nArea name", "Community Safety\nPartnership code",
           "Community Safety\nPartnership name", "Local Authority code", "Local Authority name")  # fmt: skip
DISTRICTS = {
    "E07000177": "Cherwell", "E07000178": "Oxford", "E07000179": "South Oxfordshire",
    "E07000180": "Vale of White Horse", "E07000181": "West Oxfordshire",
}  # fmt: skip
"""A publication names each of our districts."""
MONTHS = {"now": "December 2024", "before": "December 2023"}


def saved(book: Workbook) -> bytes:
    """A workbook as bytes, without the sheet that openpyxl adds."""
    if "Sheet" in book.sheetnames:
        del book["Sheet"]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csp_crime(
    csp_rows: Sequence[tuple[Any, ...]] = CSP_ROWS, months: dict[str, str] = MONTHS, unavailable: str = "[x]"
) -> bytes:
    """Recorded crime in the ONS's layout. All groups of offences have the same number, so that a shift shows."""
    now, before = months["now"], months["before"]
    book = Workbook()
    cover = book.create_sheet("Cover_sheet")
    cover.append([f"Police force area data tables - year ending {now}"])
    cover.append(["Information", "Useful links"])

    def sheet(name: str, title: str, headings: Sequence[str]) -> Worksheet:
        worksheet: Worksheet = book.create_sheet(name)
        worksheet.append([title])
        for line in ("Police recorded crime", "This worksheet contains one table.", "Link to Notes page"):
            worksheet.append([line])
        worksheet.append(list(headings))
        return worksheet

    def figures(number: float | str | None) -> list[float | str | None]:
        return [number] * len(OFFENCES)

    def rate(number: int, residents: int | None) -> list[object]:
        if residents is None:
            return [unavailable, unavailable, *[unavailable] * (len(OFFENCES) + 1)]
        households = residents // 2
        rates: list[object] = [*figures(1000 * number / residents)]
        rates.insert(HOUSEHOLDS, 1000 * number / households)
        return [residents, households, *rates]

    def change(number: int, earlier: int) -> list[float | str | None]:
        return figures("[u]" if earlier < 50 else 100 * (number / earlier - 1))

    forces = ["Area Code", "Area Name", *OFFENCES]
    with_rates = [
        "Population figures\n (mid-2023) rounded to 100 [note 5]", "Household figures\n (mid-2021)  rounded to 100",
        *OFFENCES[:HOUSEHOLDS], "Residential burglary (households)\n [note 7,8]", *OFFENCES[HOUSEHOLDS:],
    ]  # fmt: skip
    p1 = sheet("Table P1", f"Table P1:  Police recorded crime, number of offences, year ending {now} [note 1]", forces)
    p2 = sheet(
        "Table P2",
        f"Table P2:  Police recorded crime, percentage change, year ending {now} compared with year ending {before}",
        forces,
    )
    p3 = sheet(
        "Table P3", f"Table P3:  Police recorded crime, rate, year ending {now} [note 1]", [*forces[:2], *with_rates]
    )
    p4 = sheet("Table P4 ", f"Table P4:  Police recorded crime, number of offences, year ending {before}", forces)
    for code, name, number, earlier, residents in FORCE_ROWS:
        p1.append([code, name, *figures(number)])
        p4.append([code, name, *figures(earlier)])
        p2.append([code, name, *change(number, earlier)])
        p3.append([code, name, *rate(number, residents)])
    places = list(_PLACES)
    c2 = sheet(
        "Table C2",
        f"Table C2: Number of police recorded crimes, year ending {now} [note 1][note 2]",
        [*places, *OFFENCES],
    )
    c3 = sheet(
        "Table C3",
        f"Table C3: Percentage change, for year ending {before} and year ending {now} [note 1]",
        [*places, *OFFENCES],
    )
    c4 = sheet("Table C4", f"Table C4:  Recorded crime rate, year ending {now} [note 1]", [*places, *with_rates])
    c5 = sheet(
        "Table C5", f"Table C5:  Number of police recorded crimes, year ending {before} [note 1]", [*places, *OFFENCES]
    )
    for *place, number, earlier, residents in csp_rows:
        c2.append([*place, *figures(number)])
        c5.append([*place, *figures(earlier)])
        c3.append([*place, *(figures("[x]") if residents is None else change(number, earlier))])
        c4.append([*place, *rate(number, residents)])
    return saved(book)


def nearest_neighbours(lists: Mapping[str, Sequence[str]]) -> bytes:
    """Nearest neighbours: a list for each lower tier authority, in columns Neighbour 1, Neighbour 2 and so on.

    Our districts without a list have one neighbour.
    """
    lists = {**lists, **{code: ["E07000070"] for code in DISTRICTS if code not in lists}}
    book = Workbook()
    contents = book.create_sheet("Contents")
    contents.append(["Lower and upper tier local authority statistical nearest neighbours and distances, England"])
    contents.append(["Publication date"])
    contents.append(
        ["This data was released on 01/10/2025 and relates to an earlier methodology article published on 14/02/2025."]
    )
    for number, tier in ((1, "Lower"), (3, "Upper")):
        sheet = book.create_sheet(f"Table {number}")
        sheet.append(
            [f"Table {number}: {tier} tier local authority statistical nearest neighbours", None, "Back to contents"]
        )
        sheet.append(["Notes that apply to this table: [note 1, 2, 3, 4]"])
        longest = max(map(len, lists.values()))
        sheet.append(
            [f"{tier} tier local authority code", f"{tier} tier local authority name"]
            + [f"Neighbour {place}" for place in range(1, longest + 1)]
        )
        for code, others in lists.items() if tier == "Lower" else [("E10000025", ["E10000002"] * longest)]:
            sheet.append([code, f"Authority {code}", *others])
    return saved(book)


def similar_groups(
    rows: Sequence[tuple[object, ...]], *, made_by: str = "Home Office", year: int = 2024, workbook: bool = False
) -> bytes:
    """A list of most similar groups as the unit writes it: partnership, place, and the other's code and name."""
    lines: list[tuple[object, ...]] = [
        (f"Most similar groups of Community Safety Partnerships {year}",),
        (f"List made by: {made_by}",),
        ("Partnership", "Place", "Code", "Name"),
        *rows,
    ]
    if workbook:
        book = Workbook()
        sheet = book.create_sheet("Groups")
        for line in lines:
            sheet.append(line)
        return saved(book)
    file = io.StringIO()
    csv.writer(file).writerows(lines)
    return file.getvalue().encode()


def crime_severity(scores: Mapping[str, Sequence[str]], year: str = "23") -> bytes:
    """Crime Severity Scores as a CSV file: the scores of each authority. Our districts that are not in it have 10."""
    every = {**dict.fromkeys(DISTRICTS, ("10",)), **scores}
    lines = [
        f"ltla{year}_code,crime_severity_score",
        *(f"{code},{score}" for code, own in every.items() for score in own),
    ]
    return "\r\n".join(lines).encode()


def lookup(rows: Sequence[tuple[str, str, str, str]], year: str = "24", *, columns_turned: bool = False) -> bytes:
    """Authorities and partnerships as a CSV file: authority code and name, partnership code and name.

    Our districts that are not in the rows follow, each with a partnership of its own.
    """
    codes = {row[0] for row in rows}
    others = [(code, name, f"E2200099{code[-1]}", name) for code, name in DISTRICTS.items() if code not in codes]
    rows = [*rows, *others]
    headings = [f"LAD{year}CD", f"LAD{year}NM", f"CSP{year}CD", f"CSP{year}NM", f"PFA{year}CD", f"PFA{year}NM", "FID"]
    if not columns_turned:
        headings = [
            f"ltla{year}_code",
            f"ltla{year}_name",
            f"csp{year}_code",
            f"csp{year}_name",
            f"pfa{year}_code",
            f"pfa{year}_name",
        ]
    order = range(len(headings)) if not columns_turned else [6, 0, 1, 2, 3, 4, 5]
    lines = [[headings[n] for n in order]]
    for number, row in enumerate(rows, 1):
        values = [*row, "E23000029", "Thames Valley", str(number)]
        lines.append([values[n] for n in order])
    return "\r\n".join(",".join(line) for line in lines).encode("utf-8-sig")


def population_csv() -> bytes:
    """Mid-year estimates without codes, with two decimals and one heading missing."""
    return (
        "\ufeffName,PFA,Geography,Mid-2023,Mid-2022,Mid-2021,\r\n"
        "ENGLAND AND WALES,ENGLAND AND WALES,Country,60854727.00,60245218.00,59660524.00,\r\n"
        '"Bristol, City of",Avon and Somerset,Unitary Authority,482998.00,479025.00,471117.00,\r\n'
        "Oxfordshire,Thames Valley,County,750230.00,737795.00,726727.00,\r\n"
        "Cherwell,,Non-metropolitan District,166321.00,164189.00,161830.00,\r\n"
        "Oxford,,Non-metropolitan District,165184.00,162448.00,160379.00,\r\n"
        "South Oxfordshire,,Non-metropolitan District,153424.00,151845.00,150002.00,\r\n"
        "Vale of White Horse,,Non-metropolitan District,145970.00,142335.00,139400.00,\r\n"
        "West Oxfordshire,,Non-metropolitan District,119331.00,116978.00,115116.00,\r\n"
    ).encode()


def population_workbook(cherwell: int = 161_837) -> bytes:
    """The mid-2021 estimates as they were first published, with codes."""
    book = Workbook()
    cover = book.create_sheet("Cover sheet")
    cover.append(["Mid-Year Population Estimates, UK, June 2021"])
    sheet = book.create_sheet("MYE4")
    for line in ("MYE4: Population estimates: Summary for the UK", "This worksheet contains one table."):
        sheet.append([line])
    sheet.append(["Code", "Name", "Geography", "Mid-2021", "Mid-2011"])
    sheet.append(["K02000001", "UNITED KINGDOM", "Country", 67_026_292, 63_285_145])
    sheet.append(["E07000177", "Cherwell", "Non-metropolitan District", cherwell, 142_252])
    sheet.append(["E07000178", "Oxford", "Non-metropolitan District", 160_021, ":"])
    for code, persons, earlier in (
        ("E07000179", 149_200, 134_961),
        ("E07000180", 139_500, 121_891),
        ("E07000181", 114_300, 105_442),
    ):
        sheet.append([code, DISTRICTS[code], "Non-metropolitan District", persons, earlier])
    return saved(book)


def homelessness(
    quarter: str = "October to December 2023", *, oxford: object = 22, footnote_figure: int | None = None
) -> bytes:
    """Statutory homelessness: headings merged over rows, none above codes and names, blank rows, footnotes."""
    book = Workbook()
    book.create_sheet("Contents").append(["Official Statistics"])
    early = quarter.endswith(("2019", "March 2020"))
    duties = {"A2": "homelessness"} if early else {"A2P": "prevention", "A2R_": "relief"}
    for name, duty in duties.items():
        sheet = book.create_sheet(name)
        # As published once: the title of the table of relief duties says A2P too.
        title = f"Table {'A2' if early else 'A2P'} - Number of households owed a {duty} duty by reason for loss, "
        title += "or threat of loss, of last settled home"
        sheet["A1"] = f"{title} \nEngland, {quarter}"
        sheet.merge_cells("A1:H1")
        sheet["H2"] = "Number of households"
        sheet["D3"] = f"Total owed a {'prevention or relief' if early else duty} duty1"
        sheet.merge_cells("D3:D5")
        sheet["E3"] = "End of non-AST private rented tenancy"
        sheet["F3"] = "Domestic abuse"
        if early:
            sheet.merge_cells("F3:F5")
        else:
            sheet.merge_cells("F3:I3")
            sheet["F4"], sheet["G4"] = "Total Domestic abuse", "Of which:"
            sheet["G5"], sheet["H5"], sheet["I5"] = "Victim", "Alleged perpetrator", 'Retired "Domestic abuse" option'
        rows = [
            ("E92000001", "ENGLAND", None, 44_760, 1_440, 6_470, 5_840, 620, 10),
            ("E12000007", "London", None, 9_850, 390, 1_230, 1_150, 70, 10),
            ("-", "Rest of England", None, 34_910, 1_050, 5_240, 4_690, 550, 0),
            None,
            ("E12000007", "London", None, 9_850, 390, 1_230, 1_150, 70, 10),
            ("E07000177", "Cherwell", None, 43, 2, 10, 9, 1, 0),
            ("E07000178", "Oxford", None, 144, 7, oxford, oxford, 0 if isinstance(oxford, int) else oxford,
             0 if isinstance(oxford, int) else oxford),
            ("E06000014", "York", None, *[".."] * 6),
            ("E07000179", "South Oxfordshire", None, 51, 3, 6, 6, 0, 0),
            ("E07000180", "Vale of White Horse", None, 47, 2, 5, 5, 0, 0),
            ("E07000181", "West Oxfordshire", None, 38, 4, 4, 4, 0, 0),
        ]  # fmt: skip
        for number, row in enumerate(rows, 6):
            for column, value in enumerate((row or ())[: 6 if early else 9], 1):
                sheet.cell(number, column, value)
        sheet["A18"], sheet["B18"] = "1", "Includes no longer eligible for supported housing."
        sheet["A19"], sheet["B19"] = "..", "incomplete or no data received from the local authority"
        sheet["D20"] = footnote_figure
    return saved(book)


# Five made-up squares of a hundredth of a degree: Oxford is in the middle, and South Oxfordshire has an island.
SQUARES = {
    "E07000177": [(-1.30, 51.72)], "E07000178": [(-1.30, 51.71)], "E07000179": [(-1.30, 51.70), (-1.27, 51.70)],
    "E07000180": [(-1.31, 51.70)], "E07000181": [(-1.31, 51.71)], "E06000060": [(-1.20, 51.70)],
}  # fmt: skip


def square(west: float, south: float, side: float = 0.01) -> list[list[float]]:
    """A closed square."""
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return [[round(west + side * x, 5), round(south + side * y, 5)] for x, y in corners]


def boundaries(squares: Mapping[str, Sequence[tuple[float, float]]] = SQUARES, year: int = 13) -> dict[str, Any]:
    """A made-up GeoJSON file of districts, each of squares."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {f"LAD{year}NM": "A name", f"LAD{year}CD": code},
                "geometry": {"type": "MultiPolygon", "coordinates": [[square(*corner)] for corner in corners]},
            }
            for code, corners in squares.items()
        ],
    }
