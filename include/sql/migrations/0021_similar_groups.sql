-- Grain: the list one row a district and place in its list; the comparisons one row a kind of peers, partnership, group of offences and year.
-- Keys: as the grain says.
-- Why: the police's most similar groups are a list of their own, which the unit may supply. Whoever a partnership is compared with, the
-- figures are found in one way, and neither list is called by the other's name.

CREATE TABLE warehouse.similar_partnership (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    made_by text NOT NULL,
    list_year smallint NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    place smallint NOT NULL CHECK (place > 0),
    similar_code text NOT NULL,
    similar_name text NOT NULL,
    PRIMARY KEY (return_version_id, area_code, place),
    UNIQUE (return_version_id, area_code, similar_code)
);
COMMENT ON TABLE warehouse.similar_partnership IS
'Most similar groups of our districts'' partnerships, from a list that the unit supplies: one row a district and place in its list;
not the nearest neighbours of the ONS';
COMMENT ON COLUMN warehouse.similar_partnership.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.similar_partnership.row_number IS 'Row of the sheet, or line of the file';
COMMENT ON COLUMN warehouse.similar_partnership.made_by IS 'Who made the list, as the file says';
COMMENT ON COLUMN warehouse.similar_partnership.list_year IS 'Year of the list';
COMMENT ON COLUMN warehouse.similar_partnership.area_code IS 'District of Oxfordshire whose group it is';
COMMENT ON COLUMN warehouse.similar_partnership.place IS '1 is the most similar';
COMMENT ON COLUMN warehouse.similar_partnership.similar_code IS 'The ONS''s code of the similar partnership';
COMMENT ON COLUMN warehouse.similar_partnership.similar_name IS 'Its name';

SELECT warehouse.create_version_views('warehouse.similar_partnership'::regclass);

CREATE FUNCTION marts.peers_known_on(known_at timestamptz)
RETURNS TABLE (comparison text, list_made_by text, list_year smallint, area_code text, peer_code text, place smallint)
LANGUAGE sql STABLE AS $$
    WITH newest AS (
        SELECT return_version_id
        FROM warehouse.return_version
        WHERE return_name = 'similar_groups' AND known_during @> known_at
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
    ),

    own AS MATERIALIZED (
        SELECT DISTINCT
            m.area_code,
            r.partnership_code
        FROM warehouse.csp_crime_rate_known_on(known_at) AS r
        INNER JOIN member AS m ON r.area_code = m.member_code
    )

    SELECT
        'nearest_neighbours' AS comparison,
        NULL::text AS list_made_by,
        NULL::smallint AS list_year,
        b.area_code,
        b.neighbour_code AS peer_code,
        b.place
    FROM marts.nearest_neighbours_known_on(known_at) AS b
    UNION ALL
    SELECT
        'most_similar_group' AS comparison,
        f.made_by AS list_made_by,
        f.list_year,
        m.area_code,
        f.similar_code AS peer_code,
        min(f.place) AS place
    FROM newest AS n
    INNER JOIN warehouse.similar_partnership AS f ON n.return_version_id = f.return_version_id
    INNER JOIN member AS m ON f.area_code = m.member_code
    WHERE NOT EXISTS (SELECT 1 FROM own AS o WHERE o.area_code = m.area_code AND o.partnership_code = f.similar_code)
    GROUP BY f.made_by, f.list_year, m.area_code, f.similar_code
$$;
COMMENT ON FUNCTION marts.peers_known_on(timestamptz) IS
'With whom our partnerships are compared, by the newest lists known at a time: nearest_neighbours, authorities by the ONS''s own distance,
or most_similar_group, partnerships by the list that the unit supplied, with who made it and its year. A partnership of two districts has
the peers of both, and none is its own';

CREATE FUNCTION marts.crime_of_peers_known_on(known_at timestamptz)
RETURNS TABLE (
    comparison text, area_code text, peer_code text, place smallint, peer_names text, partnerships bigint, year_to date, offence text,
    offences bigint, residents bigint, rate_per_1000 numeric
) LANGUAGE sql STABLE AS $$
    WITH peer AS MATERIALIZED (SELECT p.* FROM marts.peers_known_on(known_at) AS p),

    -- A neighbour is an authority, with the figures of its partnerships; one of a most similar group is a partnership itself.
    partnership AS MATERIALIZED (
        SELECT
            p.authority_code AS peer_code,
            p.partnership_code
        FROM warehouse.authority_partnership AS p
        WHERE p.return_version_id = (
            SELECT return_version_id FROM warehouse.return_version WHERE return_name = 'csp_lookup' AND known_during @> known_at ORDER BY period DESC LIMIT 1
        )
        UNION
        SELECT
            p.peer_code,
            p.peer_code AS partnership_code
        FROM peer AS p
        WHERE p.comparison = 'most_similar_group'
    )

    SELECT
        p.comparison,
        p.area_code,
        p.peer_code,
        p.place,
        string_agg(DISTINCT r.partnership_name, ', ') AS peer_names,
        count(*) AS partnerships,
        r.year_to,
        r.offence,
        sum(n.offences) AS offences,
        sum(r.residents) AS residents,
        1000.0 * sum(n.offences) / sum(r.residents) AS rate_per_1000
    FROM peer AS p
    INNER JOIN partnership AS l ON p.peer_code = l.peer_code
    INNER JOIN warehouse.csp_crime_rate_known_on(known_at) AS r ON l.partnership_code = r.partnership_code
    INNER JOIN warehouse.csp_crime_number AS n
        ON
            r.return_version_id = n.return_version_id
            AND r.partnership_code = n.partnership_code
            AND r.year_to = n.year_to
            AND r.offence = n.offence
    GROUP BY p.comparison, p.area_code, p.peer_code, p.place, r.year_to, r.offence
    HAVING count(n.offences) = count(*) AND count(r.residents) = count(*)
$$;
COMMENT ON FUNCTION marts.crime_of_peers_known_on(timestamptz) IS
'Recorded crime in each peer of our partnerships, as known at a time.
A neighbour with several partnerships is their sum; one that shares a partnership has that partnership''s figures. No row where a figure is missing';

CREATE FUNCTION marts.crime_beside_peers_known_on(known_at timestamptz)
RETURNS TABLE (
    comparison text, list_made_by text, list_year smallint, area_code text, year_to date, offence text, offences bigint, residents bigint,
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
            p.comparison,
            p.list_made_by,
            p.list_year,
            p.area_code,
            count(*) AS peers
        FROM marts.peers_known_on(known_at) AS p
        GROUP BY p.comparison, p.list_made_by, p.list_year, p.area_code
    ),

    -- England and Wales stands beside a partnership whether or not its neighbours are held; a most similar group is there or not.
    comparison AS MATERIALIZED (
        SELECT
            'nearest_neighbours' AS comparison,
            NULL::text AS list_made_by,
            NULL::smallint AS list_year
        UNION
        SELECT
            l.comparison,
            l.list_made_by,
            l.list_year
        FROM listed AS l
    ),

    beside AS MATERIALIZED (SELECT p.* FROM marts.crime_of_peers_known_on(known_at) AS p),

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
        count(c.peer_code) AS peers,
        1000.0 * sum(c.offences) / sum(c.residents) AS peers_rate_per_1000,
        min(c.rate_per_1000) AS peers_lowest_per_1000,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY c.rate_per_1000)::numeric AS peers_median_per_1000,
        max(c.rate_per_1000) AS peers_highest_per_1000,
        count(c.peer_code) FILTER (WHERE c.rate_per_1000 > o.rate_per_1000) AS peers_higher,
        k.rate_per_1000 AS england_and_wales_per_1000
    FROM own AS o
    CROSS JOIN comparison AS i
    LEFT JOIN listed AS l ON o.area_code = l.area_code AND i.comparison = l.comparison
    LEFT JOIN beside AS c
        ON o.area_code = c.area_code AND i.comparison = c.comparison AND o.year_to = c.year_to AND o.offence = c.offence
    LEFT JOIN country AS k ON o.year_to = k.year_to AND o.offence = k.offence
    GROUP BY
        i.comparison, i.list_made_by, i.list_year, o.area_code, o.year_to, o.offence, o.offences, o.residents, o.rate_per_1000, l.peers,
        k.rate_per_1000
$$;
COMMENT ON FUNCTION marts.crime_beside_peers_known_on(timestamptz) IS
'Recorded crime of our partnerships beside their peers and England and Wales, as known at a time: the ONS''s own figures of the same twelve
months for all. comparison is nearest_neighbours, the ONS''s, or most_similar_group, by the list that list_made_by made for list_year';

CREATE OR REPLACE FUNCTION marts.crime_of_neighbours_known_on(known_at timestamptz)
RETURNS TABLE (
    area_code text, neighbour_code text, place smallint, neighbour_names text, partnerships bigint, year_to date, offence text, offences bigint,
    residents bigint, rate_per_1000 numeric
) LANGUAGE sql STABLE AS $$
    SELECT
        p.area_code,
        p.peer_code,
        p.place,
        p.peer_names,
        p.partnerships,
        p.year_to,
        p.offence,
        p.offences,
        p.residents,
        p.rate_per_1000
    FROM marts.crime_of_peers_known_on(known_at) AS p
    WHERE p.comparison = 'nearest_neighbours'
$$;

CREATE OR REPLACE FUNCTION marts.crime_beside_neighbours_known_on(known_at timestamptz)
RETURNS TABLE (
    area_code text, year_to date, offence text, offences bigint, residents bigint, rate_per_1000 numeric, neighbours_listed bigint,
    neighbours bigint, neighbours_rate_per_1000 numeric, neighbours_lowest_per_1000 numeric, neighbours_median_per_1000 numeric,
    neighbours_highest_per_1000 numeric, neighbours_higher bigint, england_and_wales_per_1000 numeric
) LANGUAGE sql STABLE AS $$
    SELECT
        p.area_code,
        p.year_to,
        p.offence,
        p.offences,
        p.residents,
        p.rate_per_1000,
        p.peers_listed,
        p.peers,
        p.peers_rate_per_1000,
        p.peers_lowest_per_1000,
        p.peers_median_per_1000,
        p.peers_highest_per_1000,
        p.peers_higher,
        p.england_and_wales_per_1000
    FROM marts.crime_beside_peers_known_on(known_at) AS p
    WHERE p.comparison = 'nearest_neighbours'
$$;
