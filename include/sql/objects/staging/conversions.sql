-- Grain: functions of one text.
-- Keys: none.
-- Why: text that is not of the type becomes NULL and never an error, so that a rule can point at the cell. Not STRICT: PostgreSQL writes the
-- body of a strict function into no query, and a call a row costs more than the work. No bounded repeats: for long text they are slow.
CREATE OR REPLACE FUNCTION staging.to_integer(value text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN value ~ '^-?[0-9]{1,9}$' THEN value::integer END $$;
COMMENT ON FUNCTION staging.to_integer(text) IS 'Whole number, or NULL';

CREATE OR REPLACE FUNCTION staging.to_decimal(value text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN length(value) <= 32 AND value ~ '^-?[0-9]+(\.[0-9]+)?$' THEN value::numeric END $$;
COMMENT ON FUNCTION staging.to_decimal(text) IS 'Decimal number, or NULL';

CREATE OR REPLACE FUNCTION staging.to_date(value text) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE
    WHEN value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(value, 'date') THEN value::date
    WHEN value ~ '^[0-9]{2}/[0-9]{2}/[0-9]{4}$' AND pg_input_is_valid(right(value, 4) || '-' || substr(value, 4, 2) || '-' || left(value, 2), 'date')
        THEN (right(value, 4) || '-' || substr(value, 4, 2) || '-' || left(value, 2))::date
END $$;
COMMENT ON FUNCTION staging.to_date(text) IS 'Date written 2021-05-31 or 31/05/2021, or NULL';

CREATE OR REPLACE FUNCTION staging.to_month(value text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN value ~ '^[0-9]{4}-(0[1-9]|1[0-2])$' THEN make_date(left(value, 4)::integer, right(value, 2)::integer, 1) END $$;
COMMENT ON FUNCTION staging.to_month(text) IS 'First day of a month written 2021-05, or NULL';

CREATE OR REPLACE FUNCTION staging.to_yes_no(value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE lower(value) WHEN 'yes' THEN TRUE WHEN 'y' THEN TRUE WHEN 'no' THEN FALSE WHEN 'n' THEN FALSE END $$;
COMMENT ON FUNCTION staging.to_yes_no(text) IS 'Yes or No in any case, or NULL';
