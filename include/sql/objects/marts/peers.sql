-- Grain: list of peers, partnership and peer.
-- Keys: comparison, list_made_by, list_year, area_code, peer_code.
-- Why: a partnership is compared with the nearest neighbours of the ONS, or with a most similar group of the police from a list that the unit
-- supplies. Neither list is called by the other's name.
-- Needs: nearest_neighbour, similar_partnership, csp_crime_rate
CREATE OR REPLACE FUNCTION marts.neighbours_compared() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 15';
COMMENT ON FUNCTION marts.neighbours_compared() IS
'With how many of its ONS nearest neighbours an area is compared: as many as a most similar group of the police has at most';

CREATE OR REPLACE FUNCTION marts.peers_known_at(known_at timestamptz)
RETURNS TABLE (comparison text, list_made_by text, list_year integer, area_code text, peer_code text, place integer)
LANGUAGE sql STABLE AS $$
    WITH newest AS (
        SELECT DISTINCT ON (v.return_name)
            v.return_name,
            v.return_version_id
        FROM warehouse.return_version AS v
        WHERE v.return_name IN ('nearest_neighbours', 'similar_groups') AND v.known_during @> known_at
        ORDER BY v.return_name ASC, v.period DESC
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

    -- How the ONS calls our partnerships: it has one for each district.
    own AS MATERIALIZED (
        SELECT DISTINCT
            m.area_code,
            r.partnership_code
        FROM warehouse.csp_crime_rate_known_at(known_at) AS r
        INNER JOIN member AS m ON r.area_code = m.member_code
    )

    SELECT
        'nearest_neighbours' AS comparison,
        NULL::text AS list_made_by,
        NULL::integer AS list_year,
        m.area_code,
        f.neighbour_code AS peer_code,
        min(f.place) AS place
    FROM newest AS n
    INNER JOIN warehouse.nearest_neighbour AS f ON n.return_version_id = f.return_version_id
    INNER JOIN member AS m ON f.authority_code = m.member_code
    WHERE
        f.tier = 'lower'
        AND f.place <= marts.neighbours_compared()
        AND NOT EXISTS (SELECT FROM member AS o WHERE o.area_code = m.area_code AND o.member_code = f.neighbour_code)
    GROUP BY m.area_code, f.neighbour_code
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
    WHERE NOT EXISTS (SELECT FROM own AS o WHERE o.area_code = m.area_code AND o.partnership_code = f.similar_code)
    GROUP BY f.made_by, f.list_year, m.area_code, f.similar_code
$$;
COMMENT ON FUNCTION marts.peers_known_at(timestamptz) IS
'The peers of our partnerships by the newest lists known at a time: nearest_neighbours, authorities by the ONS''s own distance, or
most_similar_group, partnerships by a list that the unit supplied, with who made it and its year. A partnership of several districts has the
peers of all, and is not a peer of itself';
