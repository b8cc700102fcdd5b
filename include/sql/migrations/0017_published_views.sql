-- Grain: neighbours one row a partnership and neighbour; populations and homelessness as their comments say.
-- Keys: as the grain says.
-- Why: what the facts of published tables are asked for. A neighbour is one by the ONS's own statistical distance: these are not the
-- police's most similar groups.

CREATE FUNCTION marts.neighbours_compared() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 15';
COMMENT ON FUNCTION marts.neighbours_compared() IS
'With how many of its ONS nearest neighbours an area is compared: as many as a most similar group of the police has at most';

CREATE FUNCTION marts.nearest_neighbours_known_on(known_at timestamptz)
RETURNS TABLE (area_code text, neighbour_code text, place smallint) LANGUAGE sql STABLE AS $$
    WITH newest AS (
        SELECT holding_id
        FROM warehouse.holding
        WHERE return_name = 'nearest_neighbours' AND known @> known_at
        ORDER BY period DESC
        LIMIT 1
    ),

    member AS (
        SELECT
            m.area_code,
            m.member_code
        FROM warehouse.area_member AS m
        INNER JOIN warehouse.dim_area AS whole ON m.area_code = whole.area_code
        INNER JOIN warehouse.dim_area AS part ON m.member_code = part.area_code
        WHERE whole.area_type = 'csp' AND part.area_type = 'district' AND upper_inf(m.valid)
    )

    SELECT
        m.area_code,
        f.neighbour_code,
        min(f.place) AS place
    FROM newest AS n
    INNER JOIN warehouse.nearest_neighbour AS f ON n.holding_id = f.holding_id
    INNER JOIN member AS m ON f.authority_code = m.member_code
    WHERE
        f.tier = 'lower'
        AND f.place <= marts.neighbours_compared()
        AND NOT EXISTS (SELECT 1 FROM member AS own WHERE own.area_code = m.area_code AND own.member_code = f.neighbour_code)
    GROUP BY m.area_code, f.neighbour_code
$$;
COMMENT ON FUNCTION marts.nearest_neighbours_known_on(timestamptz) IS
'The ONS nearest neighbours of our partnerships by the newest list known at a time.
A partnership of two districts has the neighbours of both, without either';

CREATE VIEW marts.population_by_publication AS
SELECT
    d.area_name,
    p.area_code,
    p.mid_year,
    p.published_with_mid_year,
    p.persons,
    p.persons - first_value(p.persons) OVER (PARTITION BY p.area_code, p.mid_year ORDER BY p.published_with_mid_year) AS revised_by,
    coalesce(p.persons = r.persons, FALSE) AS rates_use_it
FROM warehouse.population_estimate_today AS p
INNER JOIN warehouse.dim_area AS d ON p.area_code = d.area_code
LEFT JOIN warehouse.population AS r ON p.area_code = r.area_code AND p.mid_year = r.mid_year
WHERE d.area_type IN ('county', 'district');
COMMENT ON VIEW marts.population_by_publication IS
'Residents of our areas by each publication of the mid-year estimates, as known today: one row an area, mid-year and publication.
Where publications differ each stays as it is';
COMMENT ON COLUMN marts.population_by_publication.area_name IS 'District or Oxfordshire';
COMMENT ON COLUMN marts.population_by_publication.area_code IS 'Its code';
COMMENT ON COLUMN marts.population_by_publication.mid_year IS 'Year of the 30 June';
COMMENT ON COLUMN marts.population_by_publication.published_with_mid_year IS 'Newest mid-year of the publication, by which it is told';
COMMENT ON COLUMN marts.population_by_publication.persons IS 'Usual residents, persons; NULL where the publisher gives no figure';
COMMENT ON COLUMN marts.population_by_publication.revised_by IS
'Difference from the earliest publication that is held, persons; NULL where either gives no figure';
COMMENT ON COLUMN marts.population_by_publication.rates_use_it IS
'Whether this is the figure by which rates are divided, which the register of populations names';

CREATE VIEW marts.homelessness_domestic_abuse AS
SELECT
    d.area_name,
    a.area_code,
    h.quarter_key,
    h.duty,
    h.households AS domestic_abuse_households,
    o.households AS all_households,
    100.0 * h.households / nullif(o.households, 0) AS domestic_abuse_percent,
    h.why_missing
FROM warehouse.homelessness_duty_today AS h
INNER JOIN warehouse.homelessness_duty AS o
    ON h.holding_id = o.holding_id AND h.authority_name = o.authority_name AND h.duty = o.duty AND o.reason = 'all'
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
'Households that lost, or may lose, their home because of domestic abuse; NULL where why_missing says so';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.all_households IS 'All households owed the duty; NULL where why_missing says so';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.domestic_abuse_percent IS
'The former in per cent of the latter; NULL where either is not known or there were none';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.why_missing IS
'not_received where the authority sent the ministry nothing or not all; NULL where there is a figure';
