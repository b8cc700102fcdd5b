-- Grain: one row for each column of a table or view in the schemas that people query.
-- Keys: schema_name, relation_name, position.
-- Why: type, key and comment of every column, as the database has them.
SELECT
    n.nspname AS schema_name,
    c.relname AS relation_name,
    a.attname AS column_name,
    format_type(a.atttypid, a.atttypmod) AS type,
    coalesce(col_description(c.oid, a.attnum), '')
    -- A contract may require a column that earlier rows do not have (sia.warehouse.fact_tables).
    || CASE
        WHEN EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conname = a.attname || '_required')
            THEN ' NULL in rows from before it was required.'
        ELSE ''
    END AS says,
    CASE
        WHEN EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'p' AND a.attnum = any(k.conkey))
            THEN 'key'
        ELSE ''
    END AS key,
    coalesce((
        SELECT string_agg(DISTINCT k.confrelid::regclass::text, ', ')
        FROM pg_constraint AS k
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
    ), '') AS refers_to
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
INNER JOIN pg_attribute AS a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname IN ('marts', 'warehouse', 'intake', 'quality', 'feedback', 'release')
ORDER BY n.nspname, c.relname, a.attnum
