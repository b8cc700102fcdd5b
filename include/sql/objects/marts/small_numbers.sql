-- Grain: functions of one number.
-- Keys: none.
-- Why: the definition of a small number is in one place, and every mart marks by it.
CREATE OR REPLACE FUNCTION marts.small_number_threshold() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 5';
COMMENT ON FUNCTION marts.small_number_threshold() IS
'From how many on a count is not small. A smaller one can be a person: it is marked for analysts and is never published';

CREATE OR REPLACE FUNCTION marts.is_small(number numeric) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
'SELECT number > 0 AND number < marts.small_number_threshold()';
COMMENT ON FUNCTION marts.is_small(numeric) IS 'Whether a count is above zero and below the threshold; NULL for no count';
