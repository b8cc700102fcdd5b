-- Grain: one row for each view, or function that returns rows by a query, in the schemas that people query.
-- Keys: relation_name, with its schema.
-- Why: a view's definition shows the source of each of its columns. Views read functions, which read other views.
SELECT
    n.nspname || '.' || c.relname AS relation_name,
    array(
        SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    ) AS column_names,
    pg_get_viewdef(c.oid) AS definition
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.relkind IN ('v', 'm') AND n.nspname IN ('marts', 'warehouse', 'intake', 'quality', 'feedback', 'release')
UNION ALL
SELECT
    n.nspname || '.' || p.proname AS relation_name,
    coalesce(
        (SELECT array_agg(g.name ORDER BY g.place) FROM unnest(p.proargnames, p.proargmodes) WITH ORDINALITY AS g (name, mode, place) WHERE g.mode = 't'),
        array(
            SELECT a.attname::text
            FROM pg_type AS t
            INNER JOIN pg_attribute AS a ON t.typrelid = a.attrelid
            WHERE t.oid = p.prorettype AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
        )
    ) AS column_names,
    p.prosrc AS definition
FROM pg_proc AS p
INNER JOIN pg_namespace AS n ON p.pronamespace = n.oid
INNER JOIN pg_language AS l ON p.prolang = l.oid
WHERE l.lanname = 'sql' AND p.proretset AND n.nspname IN ('marts', 'warehouse', 'intake', 'quality', 'feedback', 'release')
