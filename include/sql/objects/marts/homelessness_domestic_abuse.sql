-- Grain: district, quarter and duty.
-- Keys: area_code, quarter_key, duty.
-- Why: how many households lose their home because of domestic abuse, and out of how many.
-- Needs: homelessness_duty
CREATE VIEW marts.homelessness_domestic_abuse AS
SELECT
    d.area_name,
    a.area_code,
    h.quarter_key,
    h.duty,
    h.households AS domestic_abuse_households,
    o.households AS all_households,
    100.0 * h.households / nullif(o.households, 0) AS domestic_abuse_percent,
    h.missing_reason
FROM warehouse.homelessness_duty_today AS h
INNER JOIN warehouse.homelessness_duty AS o
    ON h.return_version_id = o.return_version_id AND h.authority_name = o.authority_name AND h.duty = o.duty AND o.reason = 'all'
INNER JOIN warehouse.area_member AS a ON h.area_code = a.member_code AND lower(h.period) <@ a.valid
INNER JOIN warehouse.dim_area AS d ON a.area_code = d.area_code
WHERE h.reason = 'domestic_abuse' AND d.area_type = 'district';
COMMENT ON VIEW marts.homelessness_domestic_abuse IS
'Households owed a homelessness duty because of domestic abuse in our districts, as known today: one row a district, quarter and duty.
All England is in warehouse.homelessness_duty_today';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.area_name IS 'District';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.area_code IS 'Its code';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.quarter_key IS 'Financial quarter';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.duty IS 'prevention, relief, or until March 2020 either';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.domestic_abuse_households IS
'Households that lost, or may lose, their home because of domestic abuse; NULL where missing_reason says why';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.all_households IS 'All households owed the duty; NULL where missing_reason says why';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.domestic_abuse_percent IS
'The former in per cent of the latter; NULL where either is not known or there were none';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.missing_reason IS
'not_received where the authority sent the ministry nothing or only a part; NULL where there is a figure';
