-- Grain: figure that the database gives differently since the start of a day; period of a return that was loaded since.
-- Keys: quarter_key, measure_id, area_code; return_name, source, starts_on, receipt.
-- Why: who keeps an extract takes these figures and periods again; views of this session, so that they are written as every mart is.
CREATE OR REPLACE TEMPORARY VIEW changes AS
SELECT
    c.quarter_key,
    c.measure_id,
    c.area_code,
    c.change,
    c.numerator_before,
    c.numerator_now,
    c.denominator_before,
    c.denominator_now,
    c.complete_before,
    c.complete_now,
    array_to_string(c.receipts, ' ') AS receipts
FROM marts.changes_since(%(since)s) AS c;
COMMENT ON COLUMN changes.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN changes.measure_id IS 'Measure';
COMMENT ON COLUMN changes.area_code IS 'Area';
COMMENT ON COLUMN changes.change IS
'new, restated, completed (a missing month came; the numbers are the same) or withdrawn (no current return has it any more)';
COMMENT ON COLUMN changes.numerator_before IS 'The count, total or part before; NULL where there was no figure';
COMMENT ON COLUMN changes.numerator_now IS 'The same now; NULL where there is no figure any more';
COMMENT ON COLUMN changes.denominator_before IS 'What it was divided by before; NULL for counts and money, and where there was no figure';
COMMENT ON COLUMN changes.denominator_now IS 'The same now; NULL for counts and money, and where there is no figure any more';
COMMENT ON COLUMN changes.complete_before IS 'Whether we had every month of the quarter before; NULL where there was no figure';
COMMENT ON COLUMN changes.complete_now IS 'The same now; NULL where there is no figure any more';
COMMENT ON COLUMN changes.receipts IS 'Receipts of the submissions that changed it, separated by spaces';

CREATE OR REPLACE TEMPORARY VIEW returns_loaded AS
SELECT
    r.return_name,
    r.source,
    r.quarter_key,
    r.starts_on,
    r.ends_on,
    r.change,
    r.receipt,
    r.replaced_receipt,
    r.received_at,
    r.loaded_at,
    r.synthetic
FROM marts.returns_since(%(since)s) AS r;
COMMENT ON COLUMN returns_loaded.return_name IS 'Which return or publication';
COMMENT ON COLUMN returns_loaded.source IS 'Who sent or published it';
COMMENT ON COLUMN returns_loaded.quarter_key IS 'Financial quarter of the period';
COMMENT ON COLUMN returns_loaded.starts_on IS 'First day of the period: a quarter, or a month of the police archive';
COMMENT ON COLUMN returns_loaded.ends_on IS 'Last day of the period';
COMMENT ON COLUMN returns_loaded.change IS
'new, restated (it replaces what replaced_receipt brought) or replaced (an earlier version of what we have now)';
COMMENT ON COLUMN returns_loaded.receipt IS 'Receipt of the submission';
COMMENT ON COLUMN returns_loaded.replaced_receipt IS 'Receipt of the return that it replaced; NULL where there was nothing';
COMMENT ON COLUMN returns_loaded.received_at IS 'When we received it: the start of what we then knew';
COMMENT ON COLUMN returns_loaded.loaded_at IS 'When its figures came into this database';
COMMENT ON COLUMN returns_loaded.synthetic IS 'Whether it is a sample with made-up figures';
