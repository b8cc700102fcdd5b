-- Grain: a moment.
-- Keys: none.
-- Why: who asks what was known on a day means the whole day, in any time zone.
CREATE OR REPLACE FUNCTION marts.end_of_day(day date) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (day + time '23:59:59.999999') AT TIME ZONE 'Europe/London' $$;
COMMENT ON FUNCTION marts.end_of_day(date) IS 'The last moment of a day in London';
