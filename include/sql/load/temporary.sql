-- Grain: one row for each return version that this load opens.
-- Keys: return_version_id; starts_on is unique within one submission.
-- Why: the statements of a load join this table, so that they need no parameters.
CREATE TEMPORARY TABLE new_return_version (
    return_version_id bigint PRIMARY KEY,
    starts_on date NOT NULL UNIQUE,
    ends_on date NOT NULL
) ON COMMIT DROP
