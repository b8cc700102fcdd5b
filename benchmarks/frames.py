"""The police rules on a pandas frame, with Great Expectations' pandas engine: what the project is compared with."""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe

from sia.contract.model import ColumnType, contract

TABLE = contract("tvp_crime").table("street")


class Frames:
    """Checks frames with the contract's rules. Rules between columns become columns of true and false."""

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

    def check(self, frame: pd.DataFrame) -> None:
        """Convert the columns of a frame of text to their types, and check the frame.

        Raises:
            ValueError: a rule could not run.
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
        if any((rule.exception_info or {}).get("raised_exception") for rule in result.results):
            raise ValueError("a rule did not run on the frame")


def _expectations() -> list[Any]:
    rules: list[Any] = []
    for column in TABLE.stored:
        if column.required:
            rules.append(gxe.ExpectColumnValuesToNotBeNull(column=column.name))
        if column.type is ColumnType.CHOICE:
            labels = [choice.label for choice in column.code_list()]
            rules.append(gxe.ExpectColumnValuesToBeInSet(column=column.name, value_set=labels))
        if column.pattern:
            rules.append(gxe.ExpectColumnValuesToMatchRegex(column=column.name, regex=column.pattern))
        if column.max_length:
            rules.append(gxe.ExpectColumnValueLengthsToBeBetween(column=column.name, max_value=column.max_length))
        if column.min_value is not None:
            rules.append(
                gxe.ExpectColumnValuesToBeBetween(
                    column=column.name, min_value=column.min_value, max_value=column.max_value
                )
            )
    rules.append(gxe.ExpectColumnValueLengthsToBeBetween(column="crime_id", min_value=64, max_value=64))
    between = (
        "month_typed", "longitude_typed", "latitude_typed", "asb_has_no_id", "asb_has_no_outcome", "code_and_name",
        "both_coordinates", "area_has_coordinates",
    )  # fmt: skip
    rules += [gxe.ExpectColumnValuesToBeInSet(column=name, value_set=[True]) for name in between]
    return rules
