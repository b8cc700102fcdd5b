-- Grain: table of schema marts, and its columns.
-- Keys: none.
-- Why: what the tables are, for those who query them; a comment can be bettered without a migration.
COMMENT ON SCHEMA marts IS 'Measures by area and quarter, for analysts and for the scorecard';

COMMENT ON TABLE marts.dim_measure IS 'The register of measures: the lines of the scorecard';
COMMENT ON COLUMN marts.dim_measure.measure_id IS 'Key of the measure';
COMMENT ON COLUMN marts.dim_measure.title IS 'Title for people';
COMMENT ON COLUMN marts.dim_measure.lead IS 'Lead: who answers for it to the Board';
COMMENT ON COLUMN marts.dim_measure.source IS 'Who sends the figures';
COMMENT ON COLUMN marts.dim_measure.return_name IS 'The return that feeds it';
COMMENT ON COLUMN marts.dim_measure.good_direction IS 'up, down, or none where no judgement is made';
COMMENT ON COLUMN marts.dim_measure.kind IS 'count, proportion (part of a whole), mean (total by number) or money (total in pounds)';
COMMENT ON COLUMN marts.dim_measure.unit IS 'What the figure counts, in words';
COMMENT ON COLUMN marts.dim_measure.has_rate IS 'Whether it is also shown per 1,000 residents';
COMMENT ON COLUMN marts.dim_measure.numerator IS 'Component of the return that is counted';
COMMENT ON COLUMN marts.dim_measure.denominator IS 'Component by which it is divided; NULL for counts and money';
COMMENT ON COLUMN marts.dim_measure.aggregates_up IS
'Whether districts are added up to partnership and county; else only areas that the return gives are shown';
COMMENT ON COLUMN marts.dim_measure.compare_with IS
'The return and its component that count the same thing, to compare: return.component; NULL where there is none';
COMMENT ON COLUMN marts.dim_measure.valid IS 'The days on which the measure is defined';
COMMENT ON COLUMN marts.dim_measure.sort_order IS 'Order on the scorecard';
COMMENT ON COLUMN marts.dim_measure.theme IS 'Section of the scorecard';
COMMENT ON COLUMN marts.dim_measure.under_reported IS 'Whether more reports of it are good, because much of the harm is never reported';
COMMENT ON COLUMN marts.dim_measure.note IS 'What a reader must know about it; NULL where there is nothing to say';

COMMENT ON TABLE marts.component_total IS 'What each return version counts, by area and month or quarter; 0 where it has none';
COMMENT ON COLUMN marts.component_total.return_version_id IS 'Return version that it belongs to';
COMMENT ON COLUMN marts.component_total.area_code IS 'Area as reported, not rolled up';
COMMENT ON COLUMN marts.component_total.starts_on IS 'First day of the month or quarter';
COMMENT ON COLUMN marts.component_total.component IS 'Component of the return, as the register of measures names it';
COMMENT ON COLUMN marts.component_total.value IS 'How many, or pounds, or days; NULL where the sender withheld a part of it';
