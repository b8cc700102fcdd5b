"""What people write first: the police rules on a pandas frame, with Great Expectations' pandas engine."""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe

from sia.contract.model import ColumnType, contract

TABLE = contract("tvp_crime").table("street")


class Frames:
    """Judges frames by the rules of the contract; those between columns as columns of true and false."""

    def __init__(self) -> None:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
        suite = context.suites.add(gx.ExpectationSuite("street", expectations=_expectations()))
        batch = context.data_sources.add_pandas("frames").add_dataframe_asset("street")
        definition = gx.ValidationDefinition(
            name="street", data=batch.add_batch_definition_whole_dataframe("all"), suite=suite
        )
        self._definition = context.validation_definitions.add(definition)
        self.rules = len(suite.expectations)

    def judge(self, frame: pd.DataFrame) -> None:
        """Type the columns of a frame of text, and check it.

        Raises:
            ValueError: a rule failed; the rows here are good ones.
        """
        given = frame[["month", "longitude", "latitude"]].notna()
        for name in ("longitude", "latitude"):
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
        frame["month"] = pd.to_datetime(frame["month"], format="%Y-%m", errors="coerce")
        asb = frame["crime_type"] == "Anti-social behaviour"
        between = {f"{name}_typed": frame[name].notna() == given[name] for name in given}
        between["asb_has_no_id"] = frame["crime_id"].isna() == asb
        between["asb_has_no_outcome"] = frame["last_outcome"].isna() | ~asb
        between["code_and_name"] = frame["lsoa_code"].isna() == frame["lsoa_name"].isna()
        between["both_coordinates"] = frame["longitude"].isna() == frame["latitude"].isna()
        between["area_has_coordinates"] = frame["lsoa_code"].isna() | frame["longitude"].notna()
        result = self._definition.run(
            batch_parameters={"dataframe": frame.assign(**between)}, result_format="BOOLEAN_ONLY"
        )
        broken = [one for one in result.results if (one.exception_info or {}).get("raised_exception")]
        if broken:
            raise ValueError("a rule did not run on the frame")


def _expectations() -> list[Any]:
    found: list[Any] = []
    for column in TABLE.stored:
        if column.required:
            found.append(gxe.ExpectColumnValuesToNotBeNull(column=column.name))
        if column.type is ColumnType.CHOICE:
            labels = [choice.label for choice in column.code_list()]
            found.append(gxe.ExpectColumnValuesToBeInSet(column=column.name, value_set=labels))
        if column.pattern:
            found.append(gxe.ExpectColumnValuesToMatchRegex(column=column.name, regex=column.pattern))
        if column.max_length:
            found.append(gxe.ExpectColumnValueLengthsToBeBetween(column=column.name, max_value=column.max_length))
        if column.min_value is not None:
            found.append(
                gxe.ExpectColumnValuesToBeBetween(
                    column=column.name, min_value=column.min_value, max_value=column.max_value
                )
            )
    found.append(gxe.ExpectColumnValueLengthsToBeBetween(column="crime_id", min_value=64, max_value=64))
    between = (
        "month_typed", "longitude_typed", "latitude_typed", "asb_has_no_id", "asb_has_no_outcome", "code_and_name",
        "both_coordinates", "area_has_coordinates",
    )  # fmt: skip
    found += [gxe.ExpectColumnValuesToBeInSet(column=name, value_set=[True]) for name in between]
    return found
