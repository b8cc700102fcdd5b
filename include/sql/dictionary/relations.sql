-- Grain: one row for each table or view in the schemas that people query.
-- Keys: schema_name, relation_name.
-- Why: the dictionary shows the comment of each relation, the relations that a view reads, and the roles that may read it.
SELECT
    n.nspname AS schema_name,
    obj_description(n.oid, 'pg_namespace') AS schema_says,
    c.relname AS relation_name,
    CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialised view' ELSE 'table' END AS kind,
    coalesce(obj_description(c.oid, 'pg_class'), '') AS says,
    array(
        SELECT d.refobjid::regclass::text AS made_from
        FROM pg_rewrite AS r
        INNER JOIN pg_depend AS d ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
        WHERE r.ev_class = c.oid AND d.refobjid <> c.oid
        UNION
        SELECT p.pronamespace::regnamespace::text || '.' || p.proname AS made_from
        FROM pg_rewrite AS r
        INNER JOIN pg_depend AS d ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_proc'::regclass
        INNER JOIN pg_proc AS p ON d.refobjid = p.oid
        WHERE r.ev_class = c.oid AND p.pronamespace <> 'pg_catalog'::regnamespace
        ORDER BY made_from
    ) AS made_from,
    array(
        SELECT substr(g.rolname, 5) AS role
        FROM pg_roles AS g
        WHERE
            g.rolname IN ('sia_loader', 'sia_analyst', 'sia_steward', 'sia_publisher', 'sia_public', 'sia_partner')
            AND has_table_privilege(g.oid, c.oid, 'SELECT')
        ORDER BY role
    ) AS read_by
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname IN ('marts', 'warehouse', 'intake', 'quality', 'feedback', 'release')
ORDER BY array_position(ARRAY['marts', 'warehouse', 'quality', 'intake', 'feedback', 'release'], n.nspname::text), c.relname
