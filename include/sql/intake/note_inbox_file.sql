-- Grain: one file in the inbox.
-- Keys: path_hash; a file that was changed or replaced is noted again.
-- Why: what was looked at once starts nothing again, and the digest lists a file that cannot be matched to a return.
INSERT INTO intake.inbox_file (path_hash, place, size_bytes, modified_at, problem)
VALUES (%(path_hash)s, %(place)s, %(size_bytes)s, %(modified_at)s, %(problem)s)
ON CONFLICT (path_hash) DO UPDATE
    SET
        size_bytes = excluded.size_bytes,
        modified_at = excluded.modified_at,
        problem = excluded.problem,
        noted_at = CASE
            WHEN
                (inbox_file.size_bytes, inbox_file.modified_at, inbox_file.problem)
                IS NOT DISTINCT FROM (excluded.size_bytes, excluded.modified_at, excluded.problem)
                THEN inbox_file.noted_at
            ELSE clock_timestamp()
        END
