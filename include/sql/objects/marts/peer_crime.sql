-- Grain: list of peers, partnership, peer, year and group of offences.
-- Keys: comparison, area_code, peer_code, year_to, offence.
-- Why: for any list of peers, the figures of the peers are the ONS's own, and are found in one way.
-- Needs: nearest_neighbour, similar_partnership, authority_partnership, csp_crime_rate, csp_crime_number
CREATE OR REPLACE FUNCTION marts.peer_crime_known_at(known_at timestamptz)
RETURNS TABLE (
    comparison text, area_code text, peer_code text, place integer, peer_names text, partnerships bigint, year_to date, offence text,
    offences bigint, residents bigint, rate_per_1000 numeric
) LANGUAGE sql STABLE AS $$
    WITH peer AS MATERIALIZED (
        SELECT
            p.comparison,
            p.area_code,
            p.peer_code,
            p.place
        FROM marts.peers_known_at(known_at) AS p
    ),

    -- A neighbour is an authority, with the figures of its partnerships; a peer of a most similar group is a partnership itself.
    partnership AS MATERIALIZED (
        SELECT
            p.authority_code AS peer_code,
            p.partnership_code
        FROM warehouse.authority_partnership AS p
        WHERE p.return_version_id = (
            SELECT v.return_version_id FROM warehouse.return_version AS v
            WHERE v.return_name = 'csp_lookup' AND v.known_during @> known_at
            ORDER BY v.period DESC LIMIT 1
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
    INNER JOIN warehouse.csp_crime_rate_known_at(known_at) AS r ON l.partnership_code = r.partnership_code
    INNER JOIN warehouse.csp_crime_number AS n
        ON
            r.return_version_id = n.return_version_id
            AND r.partnership_code = n.partnership_code
            AND r.year_to = n.year_to
            AND r.offence = n.offence
    GROUP BY p.comparison, p.area_code, p.peer_code, p.place, r.year_to, r.offence
    HAVING count(n.offences) = count(*) AND count(r.residents) = count(*)
$$;
COMMENT ON FUNCTION marts.peer_crime_known_at(timestamptz) IS
'Recorded crime in each peer of our partnerships, as known at a time. A neighbour with several partnerships is their sum; a neighbour that shares
a partnership has that partnership''s figures. No row where a figure is missing';
