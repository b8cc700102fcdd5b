-- Grain: none; this makes the schemas, the safe conversions and the dimensions.
-- Keys: dimensions by their natural code, so that a query reads by itself.
-- Why: everything that a return refers to (area, quarter, source, measure) exists before a return is loaded.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE SCHEMA staging;
COMMENT ON SCHEMA staging IS 'Returns as text while they are checked; a table for each submission, dropped when it is decided';
CREATE SCHEMA intake;
COMMENT ON SCHEMA intake IS 'What was received from whom, and when';
CREATE SCHEMA quality;
COMMENT ON SCHEMA quality IS 'Rules, findings and the account of every row';
CREATE SCHEMA warehouse;
COMMENT ON SCHEMA warehouse IS 'Dimensions and facts, each fact with the period that it is about and when we held it true';
CREATE SCHEMA marts;
COMMENT ON SCHEMA marts IS 'Measures by area and quarter, for analysts and for the scorecard';

-- Safe conversions: text that is not of the type becomes NULL, never an error, so that a rule can point at the cell.
-- Not STRICT: PostgreSQL writes the body of a strict function into no query, and a call a row costs more than the work.
-- No bounded repeats over long text: the pattern matcher builds a state for each, anew for every row.
CREATE FUNCTION staging.to_integer(value text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN value ~ '^-?[0-9]{1,9}$' THEN value::integer END $$;
CREATE FUNCTION staging.to_decimal(value text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN length(value) <= 32 AND value ~ '^-?[0-9]+(\.[0-9]+)?$' THEN value::numeric END $$;
CREATE FUNCTION staging.to_date(value text) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE
    WHEN value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(value, 'date') THEN value::date
    WHEN value ~ '^[0-9]{2}/[0-9]{2}/[0-9]{4}$' AND pg_input_is_valid(right(value, 4) || '-' || substr(value, 4, 2) || '-' || left(value, 2), 'date')
        THEN (right(value, 4) || '-' || substr(value, 4, 2) || '-' || left(value, 2))::date
END $$;
CREATE FUNCTION staging.to_month(value text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN value ~ '^[0-9]{4}-(0[1-9]|1[0-2])$' THEN make_date(left(value, 4)::integer, right(value, 2)::integer, 1) END $$;
CREATE FUNCTION staging.to_yes_no(value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE lower(value) WHEN 'yes' THEN true WHEN 'y' THEN true WHEN 'no' THEN false WHEN 'n' THEN false END $$;
COMMENT ON FUNCTION staging.to_integer(text) IS 'Whole number, or NULL';
COMMENT ON FUNCTION staging.to_decimal(text) IS 'Decimal number, or NULL';
COMMENT ON FUNCTION staging.to_date(text) IS 'Date written 2021-05-31 or 31/05/2021, or NULL';
COMMENT ON FUNCTION staging.to_month(text) IS 'First day of a month written 2021-05, or NULL';
COMMENT ON FUNCTION staging.to_yes_no(text) IS 'Yes or No in any case, or NULL';

CREATE TABLE warehouse.dim_source (
    source text PRIMARY KEY,
    source_name text NOT NULL
);
COMMENT ON TABLE warehouse.dim_source IS 'Partners who send returns';
COMMENT ON COLUMN warehouse.dim_source.source IS 'Key, as the contracts use it';
COMMENT ON COLUMN warehouse.dim_source.source_name IS 'Full name';

CREATE TABLE warehouse.dim_area (
    area_code text PRIMARY KEY,
    area_name text NOT NULL,
    area_type text NOT NULL CHECK (area_type IN ('district', 'csp', 'county', 'service', 'outside', 'unknown')),
    source text REFERENCES warehouse.dim_source CHECK ((source IS NOT NULL) = (area_type = 'service')),
    sort_order smallint NOT NULL UNIQUE
);
COMMENT ON TABLE warehouse.dim_area IS 'Areas: districts, Community Safety Partnerships, county, and where else a row may lie';
COMMENT ON COLUMN warehouse.dim_area.area_code IS 'ONS (GSS) code where there is one, else ours';
COMMENT ON COLUMN warehouse.dim_area.area_name IS 'Name for people';
COMMENT ON COLUMN warehouse.dim_area.area_type IS 'district, csp, county, service (all whom a service serves), outside Oxfordshire, or unknown';
COMMENT ON COLUMN warehouse.dim_area.source IS 'Whose service area it is; NULL for the areas that all measures share';
COMMENT ON COLUMN warehouse.dim_area.sort_order IS 'Reading order';

CREATE TABLE warehouse.area_member (
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    member_code text NOT NULL REFERENCES warehouse.dim_area,
    valid daterange NOT NULL CHECK (NOT isempty(valid)),
    EXCLUDE USING gist (area_code WITH =, member_code WITH =, valid WITH &&)
);
COMMENT ON TABLE warehouse.area_member IS 'Which areas add up to which, by date; every area is a member of itself';
COMMENT ON COLUMN warehouse.area_member.area_code IS 'The whole';
COMMENT ON COLUMN warehouse.area_member.member_code IS 'The part, or the area itself';
COMMENT ON COLUMN warehouse.area_member.valid IS 'The days on which the part belongs to the whole';

CREATE TABLE warehouse.dim_quarter (
    quarter_key text PRIMARY KEY CHECK (quarter_key ~ '^\d{4}-\d{2}Q[1-4]$'),
    quarter_label text NOT NULL UNIQUE,
    financial_year text NOT NULL,
    starts_on date NOT NULL UNIQUE,
    ends_on date NOT NULL UNIQUE CHECK (ends_on > starts_on)
);
COMMENT ON TABLE warehouse.dim_quarter IS 'Financial quarters; Q1 is April to June';
COMMENT ON COLUMN warehouse.dim_quarter.quarter_key IS 'Key, written 2021-22Q4';
COMMENT ON COLUMN warehouse.dim_quarter.quarter_label IS 'For people, written 2021/22 Q4';
COMMENT ON COLUMN warehouse.dim_quarter.financial_year IS 'April to March, written 2021-22';
COMMENT ON COLUMN warehouse.dim_quarter.starts_on IS 'First day';
COMMENT ON COLUMN warehouse.dim_quarter.ends_on IS 'Last day';

CREATE TABLE warehouse.dim_return (
    return_name text PRIMARY KEY,
    return_title text NOT NULL,
    period_months smallint NOT NULL CHECK (period_months IN (1, 3)),
    due_working_days smallint NOT NULL CHECK (due_working_days > 0),
    expected boolean NOT NULL
);
COMMENT ON TABLE warehouse.dim_return IS 'Returns that partners owe, one for each contract';
COMMENT ON COLUMN warehouse.dim_return.return_name IS 'Name of the contract';
COMMENT ON COLUMN warehouse.dim_return.return_title IS 'Title for people';
COMMENT ON COLUMN warehouse.dim_return.period_months IS 'Months that one holding covers: 3 for a quarter, 1 where the source gives months one by one';
COMMENT ON COLUMN warehouse.dim_return.due_working_days IS 'Working days after the end of the quarter by which it is due';
COMMENT ON COLUMN warehouse.dim_return.expected IS 'Whether a scorecard waits for it';

CREATE TABLE warehouse.population (
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    mid_year smallint NOT NULL CHECK (mid_year BETWEEN 2001 AND 2100),
    persons integer NOT NULL CHECK (persons > 0),
    vintage text NOT NULL,
    PRIMARY KEY (area_code, mid_year, vintage)
);
COMMENT ON TABLE warehouse.population IS 'Residents on 30 June of each year: ONS mid-year estimates, by district';
COMMENT ON COLUMN warehouse.population.area_code IS 'District';
COMMENT ON COLUMN warehouse.population.mid_year IS 'Year of the 30 June';
COMMENT ON COLUMN warehouse.population.persons IS 'Usual residents, persons';
COMMENT ON COLUMN warehouse.population.vintage IS 'Which publication of the estimates';

CREATE TABLE marts.dim_measure (
    measure_id text PRIMARY KEY,
    title text NOT NULL,
    lead text NOT NULL,
    source text NOT NULL REFERENCES warehouse.dim_source,
    return_name text NOT NULL REFERENCES warehouse.dim_return,
    good_direction text NOT NULL CHECK (good_direction IN ('up', 'down', 'none')),
    kind text NOT NULL CHECK (kind IN ('count', 'proportion', 'mean', 'money')),
    unit text NOT NULL,
    has_rate boolean NOT NULL CHECK (NOT has_rate OR kind = 'count'),
    numerator text NOT NULL,
    denominator text CHECK ((denominator IS NOT NULL) = (kind IN ('proportion', 'mean'))),
    aggregates_up boolean NOT NULL,
    compare_with text,
    valid daterange NOT NULL,
    sort_order smallint NOT NULL UNIQUE
);
COMMENT ON TABLE marts.dim_measure IS 'The register of measures: the lines of the scorecard';
COMMENT ON COLUMN marts.dim_measure.measure_id IS 'Key of the measure';
COMMENT ON COLUMN marts.dim_measure.title IS 'Title for people';
COMMENT ON COLUMN marts.dim_measure.lead IS 'Who answers for it to the Board';
COMMENT ON COLUMN marts.dim_measure.source IS 'Who sends the figures';
COMMENT ON COLUMN marts.dim_measure.return_name IS 'The one return that feeds it';
COMMENT ON COLUMN marts.dim_measure.good_direction IS 'up, down, or none where no judgement is made';
COMMENT ON COLUMN marts.dim_measure.kind IS 'count, proportion (part of a whole), mean (total by number) or money (total in pounds)';
COMMENT ON COLUMN marts.dim_measure.unit IS 'What the figure counts, in words';
COMMENT ON COLUMN marts.dim_measure.has_rate IS 'Whether it is also shown per 1,000 residents';
COMMENT ON COLUMN marts.dim_measure.numerator IS 'What marts.component_total calls the numerator';
COMMENT ON COLUMN marts.dim_measure.denominator IS 'What marts.component_total calls the denominator; NULL for counts and money, which have none';
COMMENT ON COLUMN marts.dim_measure.aggregates_up IS 'Whether districts are added up to partnership and county; else only the areas given are shown';
COMMENT ON COLUMN marts.dim_measure.compare_with IS 'What the crime-level files count for the same thing, to compare; NULL where they count nothing like it';
COMMENT ON COLUMN marts.dim_measure.valid IS 'The days on which the measure is defined';
COMMENT ON COLUMN marts.dim_measure.sort_order IS 'Order on the scorecard';
