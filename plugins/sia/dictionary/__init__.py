"""The data dictionary: every table, column, measure and rule, as pages and as a workbook."""
