-- Grain: list of peers, partnership, year and group of offences.
-- Keys: comparison, area_code, year_to, offence.
-- Why: recorded crime of each partnership compared with its peers and with England and Wales, all for the same twelve months.
-- Needs: nearest_neighbour, similar_partnership, authority_partnership, csp_crime_rate, csp_crime_number
CREATE OR REPLACE FUNCTION marts.peer_comparison_known_at(known_at timestamptz)
RETURNS TABLE (
    comparison text, list_made_by text, list_year integer, area_code text, year_to date, offence text, offences bigint, residents bigint,
    rate_per_1000 numeric, peers_listed bigint, peers bigint, peers_rate_per_1000 numeric, peers_lowest_per_1000 numeric,
    peers_median_per_1000 numeric, peers_highest_per_1000 numeric, peers_higher bigint, england_and_wales_per_1000 numeric
) LANGUAGE sql STABLE AS $$
    WITH own AS MATERIALIZED (
        SELECT
            m.area_code,
            r.year_to,
            r.offence,
            sum(n.offences) AS offences,
            sum(r.residents) AS residents,
            1000.0 * sum(n.offences) / sum(r.residents) AS rate_per_1000
        FROM warehouse.csp_crime_rate_known_at(known_at) AS r
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
            p.comparison,
            p.list_made_by,
            p.list_year,
            p.area_code,
            count(*) AS peers
        FROM marts.peers_known_at(known_at) AS p
        GROUP BY p.comparison, p.list_made_by, p.list_year, p.area_code
    ),

    -- England and Wales is shown whether or not we have the nearest neighbours; a most similar group is there or not.
    compared AS MATERIALIZED (
        SELECT
            'nearest_neighbours' AS comparison,
            NULL::text AS list_made_by,
            NULL::integer AS list_year
        UNION
        SELECT
            l.comparison,
            l.list_made_by,
            l.list_year
        FROM listed AS l
    ),

    peer AS MATERIALIZED (
        SELECT
            p.comparison,
            p.area_code,
            p.peer_code,
            p.year_to,
            p.offence,
            p.offences,
            p.residents,
            p.rate_per_1000
        FROM marts.peer_crime_known_at(known_at) AS p
    ),

    country AS MATERIALIZED (
        SELECT DISTINCT ON (f.year_to, f.offence)
            f.year_to,
            f.offence,
            f.rate_per_1000
        FROM warehouse.csp_crime_rate_known_at(known_at) AS f
        WHERE f.force_code = 'K04000001' AND f.source_table = 'P3'
        ORDER BY f.year_to ASC, f.offence ASC, f.period DESC
    )

    SELECT
        i.comparison,
        i.list_made_by,
        i.list_year,
        o.area_code,
        o.year_to,
        o.offence,
        o.offences,
        o.residents,
        o.rate_per_1000,
        l.peers AS peers_listed,
        count(p.peer_code) AS peers,
        1000.0 * sum(p.offences) / sum(p.residents) AS peers_rate_per_1000,
        min(p.rate_per_1000) AS peers_lowest_per_1000,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY p.rate_per_1000)::numeric AS peers_median_per_1000,
        max(p.rate_per_1000) AS peers_highest_per_1000,
        count(p.peer_code) FILTER (WHERE p.rate_per_1000 > o.rate_per_1000) AS peers_higher,
        k.rate_per_1000 AS england_and_wales_per_1000
    FROM own AS o
    CROSS JOIN compared AS i
    LEFT JOIN listed AS l ON o.area_code = l.area_code AND i.comparison = l.comparison
    LEFT JOIN peer AS p
        ON o.area_code = p.area_code AND i.comparison = p.comparison AND o.year_to = p.year_to AND o.offence = p.offence
    LEFT JOIN country AS k ON o.year_to = k.year_to AND o.offence = k.offence
    GROUP BY
        i.comparison, i.list_made_by, i.list_year, o.area_code, o.year_to, o.offence, o.offences, o.residents, o.rate_per_1000, l.peers,
        k.rate_per_1000
$$;
COMMENT ON FUNCTION marts.peer_comparison_known_at(timestamptz) IS
'Recorded crime of our partnerships compared with their peers and with England and Wales, as known at a time: the ONS''s own figures of the same
twelve months for all. comparison is nearest_neighbours, by the list of the ONS, or most_similar_group, by the list that list_made_by made for list_year';

CREATE VIEW marts.peer_comparison AS
SELECT
    c.comparison,
    c.list_made_by,
    c.list_year,
    d.area_name,
    c.area_code,
    c.year_to,
    c.offence,
    c.offences,
    c.residents,
    c.rate_per_1000,
    c.peers_listed,
    c.peers,
    c.peers_rate_per_1000,
    c.peers_lowest_per_1000,
    c.peers_median_per_1000,
    c.peers_highest_per_1000,
    c.peers_higher,
    c.england_and_wales_per_1000
FROM marts.peer_comparison_known_at('infinity') AS c
INNER JOIN warehouse.dim_area AS d ON c.area_code = d.area_code;
COMMENT ON VIEW marts.peer_comparison IS
'Recorded crime of twelve months in each partnership compared with its peers and with England and Wales, as known today, from the tables of the
ONS alone. Choose one comparison: nearest neighbours are not the most similar group of the police';
COMMENT ON COLUMN marts.peer_comparison.comparison IS 'nearest_neighbours (of the ONS) or most_similar_group (of the police)';
COMMENT ON COLUMN marts.peer_comparison.list_made_by IS 'Who made the list of the most similar group; NULL for the nearest neighbours';
COMMENT ON COLUMN marts.peer_comparison.list_year IS 'Year of that list; NULL for the nearest neighbours';
COMMENT ON COLUMN marts.peer_comparison.area_name IS 'Partnership';
COMMENT ON COLUMN marts.peer_comparison.area_code IS 'Partnership; where it has several districts, the sum of their partnerships as the ONS has them';
COMMENT ON COLUMN marts.peer_comparison.year_to IS 'First day of the last of the twelve months';
COMMENT ON COLUMN marts.peer_comparison.offence IS 'Group of offences; groups include one another';
COMMENT ON COLUMN marts.peer_comparison.offences IS 'Number of offences';
COMMENT ON COLUMN marts.peer_comparison.residents IS 'Residents by whom the rates are divided, rounded to 100 by the ONS';
COMMENT ON COLUMN marts.peer_comparison.rate_per_1000 IS 'Offences for each 1,000 residents';
COMMENT ON COLUMN marts.peer_comparison.peers_listed IS 'Peers in the list; NULL without a list';
COMMENT ON COLUMN marts.peer_comparison.peers IS 'Of these, those that have figures';
COMMENT ON COLUMN marts.peer_comparison.peers_rate_per_1000 IS 'Rate of all peers together; NULL without peers';
COMMENT ON COLUMN marts.peer_comparison.peers_lowest_per_1000 IS 'Lowest rate of a peer; NULL without peers';
COMMENT ON COLUMN marts.peer_comparison.peers_median_per_1000 IS 'Median of their rates; NULL without peers';
COMMENT ON COLUMN marts.peer_comparison.peers_highest_per_1000 IS 'Highest rate of a peer; NULL without peers';
COMMENT ON COLUMN marts.peer_comparison.peers_higher IS 'How many peers have a higher rate';
COMMENT ON COLUMN marts.peer_comparison.england_and_wales_per_1000 IS
'Rate of England and Wales, by newer estimates of the population; NULL where it is not published';
