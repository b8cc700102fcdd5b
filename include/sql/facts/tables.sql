-- Grain: one row for each table of schema warehouse.
-- Keys: table_name, with its schema.
-- Why: each migrate compares facts and dimensions with their contracts. It reads the catalogue, so that it locks no table without need.
-- The comment of a check has the condition in the contract.
WITH keyed AS (
    SELECT
        k.conrelid,
        k.contype,
        array(
            SELECT a.attname::text
            FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
            INNER JOIN pg_attribute AS a ON k.conrelid = a.attrelid AND u.number = a.attnum
            ORDER BY u.place
        ) AS column_names
    FROM pg_constraint AS k
    WHERE k.contype IN ('p', 'u')
)

SELECT
    c.relnamespace::regnamespace || '.' || c.relname AS table_name,
    (
        SELECT json_object_agg(a.attname, format_type(a.atttypid, a.atttypmod))
        FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS column_types,
    array(
        SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attnotnull
    ) AS nullable,
    (SELECT k.column_names FROM keyed AS k WHERE k.conrelid = c.oid AND k.contype = 'p') AS primary_key,
    coalesce((SELECT json_agg(k.column_names) FROM keyed AS k WHERE k.conrelid = c.oid AND k.contype = 'u'), '[]') AS other_keys,
    coalesce(
        (SELECT json_object_agg(k.conname, k.confrelid::regclass::text) FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'f'), '{}'
    ) AS foreign_keys,
    coalesce(
        (
            SELECT json_object_agg(k.conname, coalesce(obj_description(k.oid, 'pg_constraint'), ''))
            FROM pg_constraint AS k
            WHERE k.conrelid = c.oid AND k.contype = 'c'
        ),
        '{}'
    ) AS checks,
    array(
        SELECT r.relname::text FROM pg_index AS i INNER JOIN pg_class AS r ON i.indexrelid = r.oid WHERE i.indrelid = c.oid
    ) AS indexes
FROM pg_class AS c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'warehouse'::regnamespace
