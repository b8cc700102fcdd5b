-- Grain: functions of one number.
-- Keys: none.
-- Why: the policy says in one place what a small number is, and every mart marks by it.
CREATE OR REPLACE FUNCTION marts.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT (now() AT TIME ZONE 'Europe/London')::date $$;
COMMENT ON FUNCTION marts.today() IS 'Today in London';

CREATE OR REPLACE FUNCTION marts.smallest_shown_number(of_measure text DEFAULT '', day date DEFAULT marts.today()) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT smallest_shown FROM marts.small_number_policy WHERE measure_id = of_measure AND in_force @> day $$;
COMMENT ON FUNCTION marts.smallest_shown_number(text, date) IS
'The smallest count of a measure that may be published on a day. Without a measure: of records that are not a measure; without a day: today';

CREATE OR REPLACE FUNCTION marts.is_small_number(number numeric, smallest_shown integer, zero_is_small boolean DEFAULT false) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT number > 0 AND number < smallest_shown OR number = 0 AND zero_is_small $$;
COMMENT ON FUNCTION marts.is_small_number(numeric, integer, boolean) IS
'Whether a count may not be published: above zero and below the smallest that is shown, or a zero that is not shown either; NULL for no count';
