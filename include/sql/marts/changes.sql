-- Grain: figure that the database gives differently since the start of a day.
-- Keys: quarter_key, measure_id, area_code.
-- Why: who keeps an extract takes these figures again; a view of this session, so that it is written as every mart is.
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
'new, restated, completed (a missing month came; the numbers are the same) or withdrawn (no return that is held has it any more)';
COMMENT ON COLUMN changes.numerator_before IS 'The count, total or part before; NULL where there was no figure';
COMMENT ON COLUMN changes.numerator_now IS 'The same now; NULL where there is no figure any more';
COMMENT ON COLUMN changes.denominator_before IS 'What it was divided by before; NULL for counts and money, and where there was no figure';
COMMENT ON COLUMN changes.denominator_now IS 'The same now; NULL for counts and money, and where there is no figure any more';
COMMENT ON COLUMN changes.complete_before IS 'Whether every month of the quarter was held before; NULL where there was no figure';
COMMENT ON COLUMN changes.complete_now IS 'The same now; NULL where there is no figure any more';
COMMENT ON COLUMN changes.receipts IS 'Receipts of the submissions that changed it, separated by spaces';
