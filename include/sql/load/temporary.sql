-- Grain: one row a holding that the running load opens.
-- Keys: holding_id; starts_on is unique within one submission.
-- Why: load and tally statements join it, so that they need neither parameters nor the submission's number.
CREATE TEMPORARY TABLE new_holding (
    holding_id bigint PRIMARY KEY,
    starts_on date NOT NULL UNIQUE,
    ends_on date NOT NULL
) ON COMMIT DROP
