-- Grain: the comparison one row a partnership, group of offences and year; populations and homelessness as their comments say.
-- Keys: as the grain says.
-- Why: what the facts of published tables are asked for. A neighbour is one by the ONS's own statistical distance: these are not the
-- police's most similar groups, and no comparison calls them so.

CREATE FUNCTION marts.neighbours_compared() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 15';
COMMENT ON FUNCTION marts.neighbours_compared() IS
'With how many of its ONS nearest neighbours an area is compared: as many as a most similar group of the police has at most';

CREATE FUNCTION marts.nearest_neighbours_known_on(known_at timestamptz)
RETURNS TABLE (area_code text, neighbour_code text, place smallint) LANGUAGE sql STABLE AS $$
    WITH newest AS (
        SELECT return_version_id
        FROM warehouse.return_version
        WHERE return_name = 'nearest_neighbours' AND known_during @> known_at
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
    INNER JOIN warehouse.nearest_neighbour AS f ON n.return_version_id = f.return_version_id
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

CREATE FUNCTION marts.crime_of_neighbours_known_on(known_at timestamptz)
RETURNS TABLE (
    area_code text, neighbour_code text, place smallint, neighbour_names text, partnerships bigint, year_to date, offence text, offences bigint,
    residents bigint, rate_per_1000 numeric
) LANGUAGE sql STABLE AS $$
    WITH lookup AS MATERIALIZED (
        SELECT
            p.authority_code,
            p.partnership_code
        FROM warehouse.authority_partnership AS p
        WHERE p.return_version_id = (
            SELECT return_version_id FROM warehouse.return_version WHERE return_name = 'csp_lookup' AND known_during @> known_at ORDER BY period DESC LIMIT 1
        )
    ),

    neighbour AS MATERIALIZED (SELECT b.* FROM marts.nearest_neighbours_known_on(known_at) AS b)

    SELECT
        b.area_code,
        b.neighbour_code,
        b.place,
        string_agg(DISTINCT r.partnership_name, ', ') AS neighbour_names,
        count(*) AS partnerships,
        r.year_to,
        r.offence,
        sum(n.offences) AS offences,
        sum(r.residents) AS residents,
        1000.0 * sum(n.offences) / sum(r.residents) AS rate_per_1000
    FROM neighbour AS b
    INNER JOIN lookup AS l ON b.neighbour_code = l.authority_code
    INNER JOIN warehouse.csp_crime_rate_known_on(known_at) AS r ON l.partnership_code = r.partnership_code
    INNER JOIN warehouse.csp_crime_number AS n
        ON
            r.return_version_id = n.return_version_id
            AND r.partnership_code = n.partnership_code
            AND r.year_to = n.year_to
            AND r.offence = n.offence
    GROUP BY b.area_code, b.neighbour_code, b.place, r.year_to, r.offence
    HAVING count(n.offences) = count(*) AND count(r.residents) = count(*)
$$;
COMMENT ON FUNCTION marts.crime_of_neighbours_known_on(timestamptz) IS
'Recorded crime in each neighbour of our partnerships, as known at a time.
A neighbour with several partnerships is their sum; one that shares a partnership has that partnership''s figures. No row where a figure is missing';

CREATE FUNCTION marts.crime_beside_neighbours_known_on(known_at timestamptz)
RETURNS TABLE (
    area_code text, year_to date, offence text, offences bigint, residents bigint, rate_per_1000 numeric, neighbours_listed bigint,
    neighbours bigint, neighbours_rate_per_1000 numeric, neighbours_lowest_per_1000 numeric, neighbours_median_per_1000 numeric,
    neighbours_highest_per_1000 numeric, neighbours_higher bigint, england_and_wales_per_1000 numeric
) LANGUAGE sql STABLE AS $$
    WITH own AS MATERIALIZED (
        SELECT
            m.area_code,
            r.year_to,
            r.offence,
            sum(n.offences) AS offences,
            sum(r.residents) AS residents,
            1000.0 * sum(n.offences) / sum(r.residents) AS rate_per_1000
        FROM warehouse.csp_crime_rate_known_on(known_at) AS r
        INNER JOIN warehouse.csp_crime_number AS n
            ON
                r.return_version_id = n.return_version_id
                AND r.partnership_code = n.partnership_code
                AND r.year_to = n.year_to
                AND r.offence = n.offence
        INNER JOIN warehouse.area_member AS m ON r.area_code = m.member_code AND upper_inf(m.valid)
        INNER JOIN warehouse.dim_area AS d ON m.area_code = d.area_code
        WHERE d.area_type = 'csp'
        GROUP BY m.area_code, r.year_to, r.offence
        HAVING
            count(n.offences) = count(*)
            AND count(r.residents) = (
                SELECT count(*)
                FROM warehouse.area_member AS a
                INNER JOIN warehouse.dim_area AS part ON a.member_code = part.area_code
                WHERE a.area_code = m.area_code AND part.area_type = 'district' AND upper_inf(a.valid)
            )
    ),

    listed AS MATERIALIZED (
        SELECT
            b.area_code,
            count(*) AS neighbours
        FROM marts.nearest_neighbours_known_on(known_at) AS b
        GROUP BY b.area_code
    ),

    beside AS MATERIALIZED (SELECT n.* FROM marts.crime_of_neighbours_known_on(known_at) AS n),

    country AS MATERIALIZED (
        SELECT DISTINCT ON (f.year_to, f.offence)
            f.year_to,
            f.offence,
            f.rate_per_1000
        FROM warehouse.csp_crime_rate_known_on(known_at) AS f
        INNER JOIN warehouse.return_version AS h ON f.return_version_id = h.return_version_id
        WHERE f.force_code = 'K04000001' AND f.source_table = 'P3'
        ORDER BY f.year_to ASC, f.offence ASC, h.period DESC
    )

    SELECT
        o.area_code,
        o.year_to,
        o.offence,
        o.offences,
        o.residents,
        o.rate_per_1000,
        l.neighbours AS neighbours_listed,
        count(c.neighbour_code) AS neighbours,
        1000.0 * sum(c.offences) / sum(c.residents) AS neighbours_rate_per_1000,
        min(c.rate_per_1000) AS neighbours_lowest_per_1000,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY c.rate_per_1000)::numeric AS neighbours_median_per_1000,
        max(c.rate_per_1000) AS neighbours_highest_per_1000,
        count(c.neighbour_code) FILTER (WHERE c.rate_per_1000 > o.rate_per_1000) AS neighbours_higher,
        k.rate_per_1000 AS england_and_wales_per_1000
    FROM own AS o
    LEFT JOIN listed AS l ON o.area_code = l.area_code
    LEFT JOIN beside AS c ON o.area_code = c.area_code AND o.year_to = c.year_to AND o.offence = c.offence
    LEFT JOIN country AS k ON o.year_to = k.year_to AND o.offence = k.offence
    GROUP BY o.area_code, o.year_to, o.offence, o.offences, o.residents, o.rate_per_1000, l.neighbours, k.rate_per_1000
$$;
COMMENT ON FUNCTION marts.crime_beside_neighbours_known_on(timestamptz) IS
'Recorded crime of our partnerships beside their ONS nearest neighbours and England and Wales, as known at a time:
the ONS''s own figures of the same twelve months for all';

CREATE VIEW marts.crime_beside_neighbours AS
SELECT
    d.area_name,
    b.area_code,
    b.year_to,
    b.offence,
    b.offences,
    b.residents,
    b.rate_per_1000,
    b.neighbours_listed,
    b.neighbours,
    b.neighbours_rate_per_1000,
    b.neighbours_lowest_per_1000,
    b.neighbours_median_per_1000,
    b.neighbours_highest_per_1000,
    b.neighbours_higher,
    b.england_and_wales_per_1000
FROM marts.crime_beside_neighbours_known_on('infinity') AS b
INNER JOIN warehouse.dim_area AS d ON b.area_code = d.area_code;
COMMENT ON VIEW marts.crime_beside_neighbours IS
'Recorded crime of twelve months in each partnership beside its ONS nearest neighbours and England and Wales, as known today, from the tables of the ONS alone.
Nearest neighbours are not the most similar group of the police';
COMMENT ON COLUMN marts.crime_beside_neighbours.area_name IS 'Partnership';
COMMENT ON COLUMN marts.crime_beside_neighbours.area_code IS 'Partnership; South and Vale is the sum of two partnerships of the ONS';
COMMENT ON COLUMN marts.crime_beside_neighbours.year_to IS 'First day of the last of the twelve months';
COMMENT ON COLUMN marts.crime_beside_neighbours.offence IS 'Group of offences; groups lie inside one another';
COMMENT ON COLUMN marts.crime_beside_neighbours.offences IS 'Number of offences';
COMMENT ON COLUMN marts.crime_beside_neighbours.residents IS 'Residents by whom the rates are divided, rounded to 100 by the ONS';
COMMENT ON COLUMN marts.crime_beside_neighbours.rate_per_1000 IS 'Offences for each 1,000 residents';
COMMENT ON COLUMN marts.crime_beside_neighbours.neighbours_listed IS
'Neighbours with which it is compared; two districts have the neighbours of both';
COMMENT ON COLUMN marts.crime_beside_neighbours.neighbours IS 'Of these, those that have figures';
COMMENT ON COLUMN marts.crime_beside_neighbours.neighbours_rate_per_1000 IS 'Rate of all neighbours together; NULL without neighbours';
COMMENT ON COLUMN marts.crime_beside_neighbours.neighbours_lowest_per_1000 IS 'Lowest rate of a neighbour; NULL without neighbours';
COMMENT ON COLUMN marts.crime_beside_neighbours.neighbours_median_per_1000 IS 'Median of their rates; NULL without neighbours';
COMMENT ON COLUMN marts.crime_beside_neighbours.neighbours_highest_per_1000 IS 'Highest rate of a neighbour; NULL without neighbours';
COMMENT ON COLUMN marts.crime_beside_neighbours.neighbours_higher IS 'How many neighbours have a higher rate';
COMMENT ON COLUMN marts.crime_beside_neighbours.england_and_wales_per_1000 IS
'Rate of England and Wales, by newer estimates of the population; NULL where it is not published';

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
'Households that lost, or may lose, their home because of domestic abuse; NULL where missing_reason says so';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.all_households IS 'All households owed the duty; NULL where missing_reason says so';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.domestic_abuse_percent IS
'The former in per cent of the latter; NULL where either is not known or there were none';
COMMENT ON COLUMN marts.homelessness_domestic_abuse.missing_reason IS
'not_received where the authority sent the ministry nothing or not all; NULL where there is a figure';
