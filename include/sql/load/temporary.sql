-- Grain: one row a holding that the running load opens.
-- Keys: return_version_id; starts_on is unique within one submission.
-- Why: the statements of a load join it, so that they need neither parameters nor the submission's number.
CREATE TEMPORARY TABLE new_return_version (
    return_version_id bigint PRIMARY KEY,
    starts_on date NOT NULL UNIQUE,
    ends_on date NOT NULL
) ON COMMIT DROP
