-- Grain: finding.
-- Keys: finding_id.
-- Why: a waiver turns a critical finding into a warning; severity and message are read here, with the waiver counted.
CREATE VIEW quality.judged_finding AS
SELECT
    f.finding_id,
    f.submission_id,
    f.rule_id,
    CASE WHEN w.finding_id IS NULL THEN r.severity ELSE 'warning' END AS severity,
    r.tier,
    f.message || coalesce(' We accept it as it is until ' || to_char(w.until, 'FMDD FMMonth YYYY') || ' (waiver ' || w.waiver || ').', '') AS message,
    f.table_name,
    f.sheet,
    f.row_number,
    f.column_name,
    f.cell,
    w.waiver
FROM quality.finding AS f
INNER JOIN quality.rule AS r ON f.rule_id = r.rule_id
LEFT JOIN quality.waived_finding AS w ON f.finding_id = w.finding_id;
COMMENT ON VIEW quality.judged_finding IS 'Findings with their severity once waivers are counted';
COMMENT ON COLUMN quality.judged_finding.finding_id IS 'Number of the finding';
COMMENT ON COLUMN quality.judged_finding.submission_id IS 'The submission';
COMMENT ON COLUMN quality.judged_finding.rule_id IS 'The rule that fails';
COMMENT ON COLUMN quality.judged_finding.severity IS 'critical refuses the return, warning is only reported; a waived finding is a warning';
COMMENT ON COLUMN quality.judged_finding.tier IS '1 the file, 2 its cells and rows, 3 the return as a whole';
COMMENT ON COLUMN quality.judged_finding.message IS 'What to correct, and the waiver where there is one';
COMMENT ON COLUMN quality.judged_finding.table_name IS 'The contract''s table; NULL where the finding is about the file';
COMMENT ON COLUMN quality.judged_finding.sheet IS 'Sheet, or file inside the archive; NULL where the finding is about the file';
COMMENT ON COLUMN quality.judged_finding.row_number IS 'Row of the sheet or line of the file; NULL where it is about more than a row';
COMMENT ON COLUMN quality.judged_finding.column_name IS 'The contract''s column; NULL where it is about the row';
COMMENT ON COLUMN quality.judged_finding.cell IS 'Address in the workbook; NULL where there is none';
COMMENT ON COLUMN quality.judged_finding.waiver IS 'Id of the waiver; NULL where it was not waived';
