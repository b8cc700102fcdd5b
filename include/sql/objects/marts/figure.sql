-- Grain: a number.
-- Keys: none.
-- Why: how numerator and denominator become the figure of a measure is in one place.
CREATE OR REPLACE FUNCTION marts.figure(kind text, numerator numeric, denominator numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE kind
        WHEN 'proportion' THEN 100 * numerator / nullif(denominator, 0)
        WHEN 'mean' THEN numerator / nullif(denominator, 0)
        ELSE numerator
    END
$$;
COMMENT ON FUNCTION marts.figure(text, numeric, numeric) IS
'The figure of a measure by its kind: number, per cent, mean or pounds; NULL where the denominator is 0 or not known. Give it sums, never figures';
