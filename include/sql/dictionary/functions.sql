-- Grain: one row for each function in the schemas that people query.
-- Keys: schema_name, signature.
-- Why: the dictionary shows the signature, the return type and the roles that may call it.
SELECT
    n.nspname AS schema_name,
    p.proname || '(' || pg_get_function_arguments(p.oid) || ')' AS signature,
    pg_get_function_result(p.oid) AS gives,
    coalesce(obj_description(p.oid, 'pg_proc'), '') AS says,
    array(
        SELECT substr(g.rolname, 5) AS role
        FROM pg_roles AS g
        WHERE
            g.rolname IN ('sia_loader', 'sia_analyst', 'sia_steward', 'sia_publisher', 'sia_public', 'sia_partner')
            AND has_function_privilege(g.oid, p.oid, 'EXECUTE')
        ORDER BY role
    ) AS called_by
FROM pg_proc AS p
INNER JOIN pg_namespace AS n ON p.pronamespace = n.oid
WHERE n.nspname IN ('marts', 'warehouse', 'intake', 'quality', 'feedback', 'release')
ORDER BY n.nspname, p.proname
