-- Grain: table of schema quality, and its columns.
-- Keys: none.
-- Why: what the tables are, for those who query them; a comment can be bettered without a migration.
COMMENT ON SCHEMA quality IS 'Rules, findings and what happened to every row';

COMMENT ON TABLE quality.rule IS 'Every rule that a return is checked against, in the words that the partner reads';
COMMENT ON COLUMN quality.rule.rule_id IS 'Id, never used for another rule';
COMMENT ON COLUMN quality.rule.return_name IS 'The return that it belongs to; NULL where it applies to every file';
COMMENT ON COLUMN quality.rule.table_name IS 'The table that it belongs to; NULL where it applies to the whole file';
COMMENT ON COLUMN quality.rule.severity IS 'critical refuses the return, warning is only reported';
COMMENT ON COLUMN quality.rule.tier IS '1 the file, 2 its cells and rows, 3 the return as a whole';
COMMENT ON COLUMN quality.rule.message IS 'What to correct, in words';

COMMENT ON TABLE quality.finding IS 'One rule failing in one place; never the value that failed';
COMMENT ON COLUMN quality.finding.finding_id IS 'Number of the finding';
COMMENT ON COLUMN quality.finding.submission_id IS 'The submission';
COMMENT ON COLUMN quality.finding.rule_id IS 'The rule that fails';
COMMENT ON COLUMN quality.finding.message IS 'What to correct, in the words of that time';
COMMENT ON COLUMN quality.finding.table_name IS 'The contract''s table; NULL where the finding is about the file';
COMMENT ON COLUMN quality.finding.sheet IS 'Sheet, or file inside the archive; NULL where the finding is about the file';
COMMENT ON COLUMN quality.finding.row_number IS 'Row of the sheet or line of the file; NULL where it is about more than a row';
COMMENT ON COLUMN quality.finding.column_name IS 'The contract''s column; NULL where it is about the row';
COMMENT ON COLUMN quality.finding.cell IS 'Address in the workbook; NULL where there is none';

COMMENT ON TABLE quality.row_reconciliation IS 'What happened to every row of a submission; a return is loaded or refused as a whole';
COMMENT ON COLUMN quality.row_reconciliation.submission_id IS 'The submission';
COMMENT ON COLUMN quality.row_reconciliation.table_name IS 'The contract''s table';
COMMENT ON COLUMN quality.row_reconciliation.rows_read IS 'Rows in the file';
COMMENT ON COLUMN quality.row_reconciliation.rows_staged IS 'Rows that reached staging';
COMMENT ON COLUMN quality.row_reconciliation.rows_refused IS 'Rows of a refused return, or of months that we left out';
COMMENT ON COLUMN quality.row_reconciliation.rows_loaded IS 'Rows that became facts';
COMMENT ON COLUMN quality.row_reconciliation.rows_outside IS 'Of the loaded rows, those about places outside the county';

COMMENT ON TABLE quality.waived_finding IS 'Findings that a waiver turned into warnings';
COMMENT ON COLUMN quality.waived_finding.finding_id IS 'The finding';
COMMENT ON COLUMN quality.waived_finding.waiver IS 'Id of the waiver';
COMMENT ON COLUMN quality.waived_finding.until IS 'The last day of the waiver, as it was then';
COMMENT ON COLUMN quality.waived_finding.allowed_by IS 'Who allowed it: a role';
COMMENT ON COLUMN quality.waived_finding.why IS 'Why it was allowed';

COMMENT ON TABLE quality.questioned_figure IS 'The figures that a question to a sender is about';
COMMENT ON COLUMN quality.questioned_figure.finding_id IS 'The question';
COMMENT ON COLUMN quality.questioned_figure.starts_on IS 'First day of the quarter, or of the month where the return counts by month';
COMMENT ON COLUMN quality.questioned_figure.component IS 'Component of the return; NULL if the question is about all its figures';
COMMENT ON COLUMN quality.questioned_figure.area_code IS 'Area; NULL if the question is about all areas';
