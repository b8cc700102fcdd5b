-- Grain: one row a published figure, as each comment says.
-- Keys: return_version_id and row_number, which lead to one cell; and what the publisher tells rows apart by.
-- Why: what others publish stands beside the returns with the same history, and is never counted into a measure.

CREATE FUNCTION warehouse.crime_level(force_code text, partnership_code text, partnership_name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN partnership_code IS NOT NULL THEN 'partnership'
        WHEN partnership_name IS NOT NULL THEN 'unassigned'
        WHEN force_code ~ '^(K04|E92|W92)' THEN 'country'
        WHEN force_code ~ '^E12' THEN 'region'
        ELSE 'force'
    END
$$;
COMMENT ON FUNCTION warehouse.crime_level(text, text, text) IS
'Of what a row of the ONS tables of recorded crime is: country, region, force, partnership, or what a force could place in no partnership';

CREATE TABLE warehouse.csp_crime_number (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    source_table text NOT NULL CHECK (source_table ~ '^[CP][0-9]$'),
    year_to date NOT NULL CHECK (extract(DAY FROM year_to) = 1),
    level text NOT NULL CHECK (level IN ('country', 'region', 'force', 'partnership', 'unassigned')),
    force_code text,
    force_name text NOT NULL,
    partnership_code text,
    partnership_name text CHECK ((partnership_name IS NOT NULL) = (level IN ('partnership', 'unassigned'))),
    authority_code text,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    offence text NOT NULL,
    offences integer,
    PRIMARY KEY (return_version_id, row_number),
    UNIQUE NULLS NOT DISTINCT (return_version_id, source_table, year_to, force_code, force_name, partnership_name, offence)
);
COMMENT ON TABLE warehouse.csp_crime_number IS
'Recorded crime of twelve months, as the ONS publishes it: one row an area, year and group of offences';
COMMENT ON COLUMN warehouse.csp_crime_number.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.csp_crime_number.row_number IS
'Row of the sheet plus 100,000 for each column and sheet of the table before it, so that it leads back to one cell';
COMMENT ON COLUMN warehouse.csp_crime_number.source_table IS
'The publication''s own number of the table: tables C are by partnership, P by force; their totals need not agree';
COMMENT ON COLUMN warehouse.csp_crime_number.year_to IS 'First day of the last of the twelve months';
COMMENT ON COLUMN warehouse.csp_crime_number.level IS
'Of what the row is: country, region, force, partnership, or what a force could place in no partnership';
COMMENT ON COLUMN warehouse.csp_crime_number.force_code IS
'Code of the force, region or country; NULL for the British Transport Police, who have none';
COMMENT ON COLUMN warehouse.csp_crime_number.force_name IS 'Name of the force, region or country';
COMMENT ON COLUMN warehouse.csp_crime_number.partnership_code IS
'Code of the partnership; NULL for totals and for what is in no partnership';
COMMENT ON COLUMN warehouse.csp_crime_number.partnership_name IS 'Name of the partnership, or Unassigned and the force; NULL for totals';
COMMENT ON COLUMN warehouse.csp_crime_number.authority_code IS
'Code of the local authority; NULL for totals, and where the partnership is of several';
COMMENT ON COLUMN warehouse.csp_crime_number.area_code IS
'District of Oxfordshire, NO-LOCATION for what Thames Valley Police could place nowhere, else ELSEWHERE';
COMMENT ON COLUMN warehouse.csp_crime_number.offence IS 'Group of offences; groups lie inside one another and are not to be added up';
COMMENT ON COLUMN warehouse.csp_crime_number.offences IS
'Number of offences, below 0 where a force cancelled more than it recorded; NULL where the publisher left the cell empty';

CREATE TABLE warehouse.csp_crime_rate (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    source_table text NOT NULL CHECK (source_table ~ '^[CP][0-9]$'),
    year_to date NOT NULL CHECK (extract(DAY FROM year_to) = 1),
    level text NOT NULL CHECK (level IN ('country', 'region', 'force', 'partnership', 'unassigned')),
    force_code text,
    force_name text NOT NULL,
    partnership_code text,
    partnership_name text CHECK ((partnership_name IS NOT NULL) = (level IN ('partnership', 'unassigned'))),
    authority_code text,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    offence text NOT NULL,
    residents integer CHECK (residents > 0),
    households integer CHECK (households > 0),
    rate_per_1000 numeric,
    missing_reason text CHECK ((missing_reason IS NULL) = (rate_per_1000 IS NOT NULL)),
    PRIMARY KEY (return_version_id, row_number),
    UNIQUE NULLS NOT DISTINCT (return_version_id, source_table, year_to, force_code, force_name, partnership_name, offence)
);
COMMENT ON TABLE warehouse.csp_crime_rate IS
'Rates of recorded crime of twelve months, as the ONS publishes them: one row an area, year and group of offences';
COMMENT ON COLUMN warehouse.csp_crime_rate.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.csp_crime_rate.row_number IS
'Row of the sheet plus 100,000 for each column and sheet of the table before it, so that it leads back to one cell';
COMMENT ON COLUMN warehouse.csp_crime_rate.source_table IS
'The publication''s own number of the table: tables C are by partnership, P by force; their totals need not agree';
COMMENT ON COLUMN warehouse.csp_crime_rate.year_to IS 'First day of the last of the twelve months';
COMMENT ON COLUMN warehouse.csp_crime_rate.level IS
'Of what the row is: country, region, force, partnership, or what a force could place in no partnership';
COMMENT ON COLUMN warehouse.csp_crime_rate.force_code IS
'Code of the force, region or country; NULL for the British Transport Police, who have none';
COMMENT ON COLUMN warehouse.csp_crime_rate.force_name IS 'Name of the force, region or country';
COMMENT ON COLUMN warehouse.csp_crime_rate.partnership_code IS
'Code of the partnership; NULL for totals and for what is in no partnership';
COMMENT ON COLUMN warehouse.csp_crime_rate.partnership_name IS 'Name of the partnership, or Unassigned and the force; NULL for totals';
COMMENT ON COLUMN warehouse.csp_crime_rate.authority_code IS
'Code of the local authority; NULL for totals, and where the partnership is of several';
COMMENT ON COLUMN warehouse.csp_crime_rate.area_code IS
'District of Oxfordshire, NO-LOCATION for what Thames Valley Police could place nowhere, else ELSEWHERE';
COMMENT ON COLUMN warehouse.csp_crime_rate.offence IS 'Group of offences; groups lie inside one another and are not to be added up';
COMMENT ON COLUMN warehouse.csp_crime_rate.residents IS 'Residents by whom it is divided, rounded to 100; NULL for areas that have none';
COMMENT ON COLUMN warehouse.csp_crime_rate.households IS
'Households by whom residential_burglary_households is divided, rounded to 100; NULL for areas that have none';
COMMENT ON COLUMN warehouse.csp_crime_rate.rate_per_1000 IS
'Offences for each 1,000 residents, for residential_burglary_households for each 1,000 households; NULL where missing_reason says so';
COMMENT ON COLUMN warehouse.csp_crime_rate.missing_reason IS
'Why the publisher gives no figure: unavailable, small_base (under 50 offences), few_residents or, where the cell is empty, not_given; NULL where there is one';

CREATE TABLE warehouse.csp_crime_change (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    source_table text NOT NULL CHECK (source_table ~ '^[CP][0-9]$'),
    year_to date NOT NULL CHECK (extract(DAY FROM year_to) = 1),
    level text NOT NULL CHECK (level IN ('country', 'region', 'force', 'partnership', 'unassigned')),
    force_code text,
    force_name text NOT NULL,
    partnership_code text,
    partnership_name text CHECK ((partnership_name IS NOT NULL) = (level IN ('partnership', 'unassigned'))),
    authority_code text,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    offence text NOT NULL,
    change_percent numeric,
    missing_reason text CHECK ((missing_reason IS NULL) = (change_percent IS NOT NULL)),
    PRIMARY KEY (return_version_id, row_number),
    UNIQUE NULLS NOT DISTINCT (return_version_id, source_table, year_to, force_code, force_name, partnership_name, offence)
);
COMMENT ON TABLE warehouse.csp_crime_change IS
'Changes of recorded crime on the year before, as the ONS publishes them: one row an area, year and group of offences';
COMMENT ON COLUMN warehouse.csp_crime_change.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.csp_crime_change.row_number IS
'Row of the sheet plus 100,000 for each column and sheet of the table before it, so that it leads back to one cell';
COMMENT ON COLUMN warehouse.csp_crime_change.source_table IS
'The publication''s own number of the table: tables C are by partnership, P by force; their totals need not agree';
COMMENT ON COLUMN warehouse.csp_crime_change.year_to IS 'First day of the last of the twelve months';
COMMENT ON COLUMN warehouse.csp_crime_change.level IS
'Of what the row is: country, region, force, partnership, or what a force could place in no partnership';
COMMENT ON COLUMN warehouse.csp_crime_change.force_code IS
'Code of the force, region or country; NULL for the British Transport Police, who have none';
COMMENT ON COLUMN warehouse.csp_crime_change.force_name IS 'Name of the force, region or country';
COMMENT ON COLUMN warehouse.csp_crime_change.partnership_code IS
'Code of the partnership; NULL for totals and for what is in no partnership';
COMMENT ON COLUMN warehouse.csp_crime_change.partnership_name IS 'Name of the partnership, or Unassigned and the force; NULL for totals';
COMMENT ON COLUMN warehouse.csp_crime_change.authority_code IS
'Code of the local authority; NULL for totals, and where the partnership is of several';
COMMENT ON COLUMN warehouse.csp_crime_change.area_code IS
'District of Oxfordshire, NO-LOCATION for what Thames Valley Police could place nowhere, else ELSEWHERE';
COMMENT ON COLUMN warehouse.csp_crime_change.offence IS 'Group of offences; groups lie inside one another and are not to be added up';
COMMENT ON COLUMN warehouse.csp_crime_change.change_percent IS 'Change in per cent of the year before; NULL where missing_reason says so';
COMMENT ON COLUMN warehouse.csp_crime_change.missing_reason IS
'Why the publisher gives no figure: unavailable, small_base (under 50 offences), few_residents or, where the cell is empty, not_given; NULL where there is one';

CREATE TABLE warehouse.nearest_neighbour (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    tier text NOT NULL CHECK (tier IN ('lower', 'upper')),
    authority_code text NOT NULL,
    authority_name text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    place smallint NOT NULL CHECK (place > 0),
    neighbour_code text NOT NULL CHECK (neighbour_code <> authority_code),
    PRIMARY KEY (return_version_id, tier, authority_code, place)
);
COMMENT ON TABLE warehouse.nearest_neighbour IS
'ONS nearest neighbours of local authorities of England: one row an authority and place in its list; not the most similar groups of the police';
COMMENT ON COLUMN warehouse.nearest_neighbour.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.nearest_neighbour.row_number IS
'Row of the sheet plus 100,000 for each column and sheet of the table before it, so that it leads back to one cell';
COMMENT ON COLUMN warehouse.nearest_neighbour.tier IS
'Among which authorities: lower (districts and unitary authorities) or upper (counties and unitary authorities)';
COMMENT ON COLUMN warehouse.nearest_neighbour.authority_code IS 'Whose neighbours they are';
COMMENT ON COLUMN warehouse.nearest_neighbour.authority_name IS 'Its name';
COMMENT ON COLUMN warehouse.nearest_neighbour.area_code IS 'District of Oxfordshire, or Oxfordshire, else ELSEWHERE';
COMMENT ON COLUMN warehouse.nearest_neighbour.place IS '1 is the nearest';
COMMENT ON COLUMN warehouse.nearest_neighbour.neighbour_code IS 'Code of the neighbour';

CREATE TABLE warehouse.authority_partnership (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    authority_code text NOT NULL,
    authority_name text NOT NULL,
    partnership_code text NOT NULL,
    partnership_name text NOT NULL,
    force_code text NOT NULL,
    force_name text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    PRIMARY KEY (return_version_id, authority_code, partnership_code)
);
COMMENT ON TABLE warehouse.authority_partnership IS
'Local authorities and their Community Safety Partnerships by the boundaries of a year: one row an authority and partnership';
COMMENT ON COLUMN warehouse.authority_partnership.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.authority_partnership.row_number IS
'Row of the sheet plus 100,000 for each column and sheet of the table before it, so that it leads back to one cell';
COMMENT ON COLUMN warehouse.authority_partnership.authority_code IS 'Local authority; may have several partnerships';
COMMENT ON COLUMN warehouse.authority_partnership.authority_name IS 'Its name';
COMMENT ON COLUMN warehouse.authority_partnership.partnership_code IS 'Partnership; may be of several authorities';
COMMENT ON COLUMN warehouse.authority_partnership.partnership_name IS 'Its name';
COMMENT ON COLUMN warehouse.authority_partnership.force_code IS 'Police force area';
COMMENT ON COLUMN warehouse.authority_partnership.force_name IS 'Its name';
COMMENT ON COLUMN warehouse.authority_partnership.area_code IS 'District of Oxfordshire, else ELSEWHERE';

CREATE TABLE warehouse.population_estimate (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    published_with_mid_year smallint NOT NULL,
    place_code text,
    place_name text NOT NULL,
    geography text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    mid_year smallint NOT NULL CHECK (mid_year <= published_with_mid_year),
    persons integer CHECK (persons >= 0),
    missing_reason text CHECK ((missing_reason IS NULL) = (persons IS NOT NULL)),
    PRIMARY KEY (return_version_id, row_number),
    UNIQUE NULLS NOT DISTINCT (return_version_id, place_code, place_name, geography, mid_year)
);
COMMENT ON TABLE warehouse.population_estimate IS
'Mid-year population estimates by publication: one row an area and mid-year of each; publications revise one another and stand side by side';
COMMENT ON COLUMN warehouse.population_estimate.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.population_estimate.row_number IS
'Row of the sheet plus 100,000 for each column and sheet of the table before it, so that it leads back to one cell';
COMMENT ON COLUMN warehouse.population_estimate.published_with_mid_year IS 'Newest mid-year of the publication, by which it is told';
COMMENT ON COLUMN warehouse.population_estimate.place_code IS 'Code of the area; NULL where the publication gives names alone';
COMMENT ON COLUMN warehouse.population_estimate.place_name IS 'Name of the area as published';
COMMENT ON COLUMN warehouse.population_estimate.geography IS 'What kind of area it is, as published';
COMMENT ON COLUMN warehouse.population_estimate.area_code IS 'District of Oxfordshire, or Oxfordshire, else ELSEWHERE';
COMMENT ON COLUMN warehouse.population_estimate.mid_year IS 'Year of the 30 June';
COMMENT ON COLUMN warehouse.population_estimate.persons IS 'Usual residents, persons; NULL where missing_reason says so';
COMMENT ON COLUMN warehouse.population_estimate.missing_reason IS 'unavailable where the publisher gives no figure; NULL where there is one';

CREATE TABLE warehouse.homelessness_duty (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    authority_code text,
    authority_name text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    duty text NOT NULL CHECK (duty IN ('prevention', 'relief', 'either')),
    reason text NOT NULL,
    households integer CHECK (households >= 0),
    missing_reason text CHECK ((missing_reason IS NULL) = (households IS NOT NULL)),
    PRIMARY KEY (return_version_id, row_number)
);
COMMENT ON TABLE warehouse.homelessness_duty IS
'Households owed a homelessness duty by reason for loss of their last settled home, as the ministry publishes them:
one row an authority, duty and reason';
COMMENT ON COLUMN warehouse.homelessness_duty.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.homelessness_duty.row_number IS
'Row of the sheet plus 100,000 for each column and sheet of the table before it, so that it leads back to one cell';
COMMENT ON COLUMN warehouse.homelessness_duty.authority_code IS 'Local authority, region or country; NULL for England without London';
COMMENT ON COLUMN warehouse.homelessness_duty.authority_name IS
'Its name; London stands twice, as a region and beside the rest of England';
COMMENT ON COLUMN warehouse.homelessness_duty.area_code IS 'District of Oxfordshire, else ELSEWHERE';
COMMENT ON COLUMN warehouse.homelessness_duty.duty IS 'prevention, relief, or until March 2020 either';
COMMENT ON COLUMN warehouse.homelessness_duty.reason IS 'domestic_abuse, since April 2023 also its parts, or all';
COMMENT ON COLUMN warehouse.homelessness_duty.households IS
'Number of households in the quarter, of regions and England rounded to ten; NULL where missing_reason says so';
COMMENT ON COLUMN warehouse.homelessness_duty.missing_reason IS
'not_received where the authority sent the ministry nothing or not all; NULL where there is a figure';

CREATE INDEX csp_crime_number_by_partnership ON warehouse.csp_crime_number (return_version_id, partnership_code, year_to, offence);
CREATE INDEX csp_crime_rate_by_partnership ON warehouse.csp_crime_rate (return_version_id, partnership_code, year_to, offence);

SELECT warehouse.create_version_views(fact::regclass)
FROM unnest(ARRAY[
    'warehouse.csp_crime_number', 'warehouse.csp_crime_rate', 'warehouse.csp_crime_change', 'warehouse.nearest_neighbour',
    'warehouse.authority_partnership', 'warehouse.population_estimate', 'warehouse.homelessness_duty'
]) AS fact;
