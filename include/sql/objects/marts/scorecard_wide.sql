-- Grain: measure, area and quarter.
-- Keys: measure_id, area_code, quarter_key.
-- Why: an analyst asks in the words of the scorecard and needs no join to get a figure, its labels and how far it can be trusted.
CREATE VIEW marts.scorecard_wide AS
SELECT
    q.financial_year,
    o.quarter_key,
    q.quarter_label,
    q.starts_on AS quarter_starts_on,
    o.area_code,
    d.area_name,
    d.area_type,
    o.measure_id,
    m.title AS measure_title,
    m.lead,
    u.source_name,
    o.return_name,
    m.good_direction,
    m.kind,
    m.unit,
    o.numerator,
    o.denominator,
    marts.figure(m.kind, o.numerator, o.denominator) AS value,
    CASE WHEN m.kind = 'count' THEN o.numerator END AS count_number,
    CASE WHEN m.kind = 'proportion' THEN marts.figure(m.kind, o.numerator, o.denominator) END AS proportion_percent,
    CASE WHEN m.kind = 'mean' THEN marts.figure(m.kind, o.numerator, o.denominator) END AS mean_value,
    CASE WHEN m.kind = 'money' THEN o.numerator END AS money_gbp,
    CASE WHEN m.has_rate AND o.complete THEN 1000 * o.numerator / p.persons END AS rate_per_1000,
    CASE WHEN m.has_rate THEN p.persons END AS residents,
    CASE WHEN m.has_rate THEN p.mid_year END AS residents_mid_year,
    o.complete,
    o.synthetic,
    o.missing_reason,
    CASE CASE WHEN m.unit <> 'GBP' THEN m.kind END
        WHEN 'count' THEN marts.is_small_number(o.numerator, s.smallest_shown, s.zero_is_small)
        WHEN 'proportion'
            THEN
                marts.is_small_number(o.numerator, s.smallest_shown, s.zero_is_small OR s.everybody_is_small)
                OR marts.is_small_number(o.denominator - o.numerator, s.smallest_shown, s.everybody_is_small)
                OR marts.is_small_number(o.denominator, s.smallest_shown, s.zero_is_small)
        WHEN 'mean' THEN marts.is_small_number(o.denominator, s.smallest_shown, s.zero_is_small)
    END AS small_number
FROM marts.observation AS o
INNER JOIN marts.dim_measure AS m ON o.measure_id = m.measure_id
INNER JOIN marts.small_number_policy AS s ON o.measure_id = s.measure_id AND s.in_force @> marts.today()
INNER JOIN warehouse.dim_source AS u ON m.source = u.source
INNER JOIN warehouse.dim_area AS d ON o.area_code = d.area_code
INNER JOIN warehouse.dim_quarter AS q ON o.quarter_key = q.quarter_key
LEFT JOIN marts.residents AS p ON o.quarter_key = p.quarter_key AND o.area_code = p.area_code;
COMMENT ON VIEW marts.scorecard_wide IS
'Every figure with its labels: one row a measure, area and quarter, as known today. No row where the return was not received';
COMMENT ON COLUMN marts.scorecard_wide.financial_year IS 'April to March, written 2021-22';
COMMENT ON COLUMN marts.scorecard_wide.quarter_key IS 'Financial quarter, written 2021-22Q4';
COMMENT ON COLUMN marts.scorecard_wide.quarter_label IS 'Financial quarter for people, written 2021/22 Q4';
COMMENT ON COLUMN marts.scorecard_wide.quarter_starts_on IS 'First day of the quarter';
COMMENT ON COLUMN marts.scorecard_wide.area_code IS 'ONS code where there is one, else ours';
COMMENT ON COLUMN marts.scorecard_wide.area_name IS 'Name of the area';
COMMENT ON COLUMN marts.scorecard_wide.area_type IS 'county, csp, district; service, outside or unknown for other places';
COMMENT ON COLUMN marts.scorecard_wide.measure_id IS 'Key of the measure';
COMMENT ON COLUMN marts.scorecard_wide.measure_title IS 'Title of the measure';
COMMENT ON COLUMN marts.scorecard_wide.lead IS 'Lead: who answers for it to the Board';
COMMENT ON COLUMN marts.scorecard_wide.source_name IS 'Who sends the figures';
COMMENT ON COLUMN marts.scorecard_wide.return_name IS 'The return that fed it';
COMMENT ON COLUMN marts.scorecard_wide.good_direction IS 'up, down, or none where no judgement is made';
COMMENT ON COLUMN marts.scorecard_wide.kind IS 'count, proportion (per cent), mean, or money (pounds)';
COMMENT ON COLUMN marts.scorecard_wide.unit IS 'What the figure counts';
COMMENT ON COLUMN marts.scorecard_wide.numerator IS 'The count, total, or part. Add these up, never the values';
COMMENT ON COLUMN marts.scorecard_wide.denominator IS 'Number or whole by which the numerator is divided; NULL for counts and money';
COMMENT ON COLUMN marts.scorecard_wide.value IS
'The figure by its kind: number, per cent, mean or pounds, unrounded; NULL where the denominator is 0, or a part of it is not known';
COMMENT ON COLUMN marts.scorecard_wide.count_number IS 'The figure where it is a count; NULL for every other kind';
COMMENT ON COLUMN marts.scorecard_wide.proportion_percent IS 'The figure where it is a proportion, in per cent; NULL for every other kind';
COMMENT ON COLUMN marts.scorecard_wide.mean_value IS 'The figure where it is a mean, in the measure''s unit; NULL for every other kind';
COMMENT ON COLUMN marts.scorecard_wide.money_gbp IS 'The figure where it is money, in pounds; NULL for every other kind';
COMMENT ON COLUMN marts.scorecard_wide.rate_per_1000 IS
'Number for each 1,000 residents in the quarter, not multiplied to a year; NULL where the measure has no rate, there are no residents, or a month is missing';
COMMENT ON COLUMN marts.scorecard_wide.residents IS 'Residents by which the rate is divided; NULL where there is no rate';
COMMENT ON COLUMN marts.scorecard_wide.residents_mid_year IS 'Year of the 30 June of that estimate; NULL where there is no rate';
COMMENT ON COLUMN marts.scorecard_wide.complete IS 'Whether we have every month of the quarter; what is not complete is not compared';
COMMENT ON COLUMN marts.scorecard_wide.synthetic IS 'Whether any part of it is a made-up sample';
COMMENT ON COLUMN marts.scorecard_wide.missing_reason IS 'withheld where the sender withheld a part of the figure, so that it is not known; else NULL';
COMMENT ON COLUMN marts.scorecard_wide.small_number IS
'Whether it counts too few cases, or all but too few (marts.small_number_policy): not for publication. NULL for money, whose cases are not counted';
