-- Grain: table of schema warehouse, and its columns.
-- Keys: none.
-- Why: what the tables are, for those who query them; a comment can be bettered without a migration.
COMMENT ON SCHEMA warehouse IS 'Dimensions and facts; each fact with the period that it is about and the time during which we knew it';

COMMENT ON TABLE warehouse.dim_source IS 'Senders: who sends returns, and who publishes tables';
COMMENT ON COLUMN warehouse.dim_source.source IS 'Key, as the contracts use it';
COMMENT ON COLUMN warehouse.dim_source.source_name IS 'Full name';

COMMENT ON TABLE warehouse.dim_area IS 'Areas: districts, Community Safety Partnerships, county, and where else a row may be';
COMMENT ON COLUMN warehouse.dim_area.area_code IS 'ONS code where there is one, else ours';
COMMENT ON COLUMN warehouse.dim_area.area_name IS 'Name for people';
COMMENT ON COLUMN warehouse.dim_area.area_type IS 'district, csp, county, service (all whom a service serves), outside the county, or unknown';
COMMENT ON COLUMN warehouse.dim_area.source IS 'Whose service area it is; NULL for the areas that all measures share';
COMMENT ON COLUMN warehouse.dim_area.police_force_code IS 'ONS code of the police force of a county; NULL for all other areas';
COMMENT ON COLUMN warehouse.dim_area.sort_order IS 'Reading order';

COMMENT ON TABLE warehouse.area_member IS 'Which areas add up to which, by date; every area is a member of itself';
COMMENT ON COLUMN warehouse.area_member.area_code IS 'The whole';
COMMENT ON COLUMN warehouse.area_member.member_code IS 'The part, or the area itself';
COMMENT ON COLUMN warehouse.area_member.valid IS 'The days on which the part belongs to the whole';

COMMENT ON TABLE warehouse.dim_quarter IS 'Financial quarters; Q1 is April to June';
COMMENT ON COLUMN warehouse.dim_quarter.quarter_key IS 'Key, written 2021-22Q4';
COMMENT ON COLUMN warehouse.dim_quarter.quarter_label IS 'For people, written 2021/22 Q4';
COMMENT ON COLUMN warehouse.dim_quarter.financial_year IS 'April to March, written 2021-22';
COMMENT ON COLUMN warehouse.dim_quarter.starts_on IS 'First day';
COMMENT ON COLUMN warehouse.dim_quarter.ends_on IS 'Last day';
COMMENT ON COLUMN warehouse.dim_quarter.quarter_of_year IS '1 (April to June) to 4 (January to March): to compare like with like over the years';

COMMENT ON TABLE warehouse.dim_return IS 'Returns and published tables, one for each contract';
COMMENT ON COLUMN warehouse.dim_return.return_name IS 'Name of the contract';
COMMENT ON COLUMN warehouse.dim_return.return_title IS 'Title for people';
COMMENT ON COLUMN warehouse.dim_return.period_months IS 'Months that one count is about: 3 for a quarter, 1 where the return counts by month';
COMMENT ON COLUMN warehouse.dim_return.due_working_days IS 'Working days after the end of the quarter by which it is due';
COMMENT ON COLUMN warehouse.dim_return.expected IS 'Whether the scorecard waits for it';
COMMENT ON COLUMN warehouse.dim_return.signed_from IS 'The sender signs the returns of quarters that begin on or after this day; NULL if of none';

COMMENT ON TABLE warehouse.population IS 'Residents on 30 June of each year: ONS mid-year estimates, by district';
COMMENT ON COLUMN warehouse.population.area_code IS 'District';
COMMENT ON COLUMN warehouse.population.mid_year IS 'Year of the 30 June';
COMMENT ON COLUMN warehouse.population.persons IS 'Usual residents, persons';
COMMENT ON COLUMN warehouse.population.vintage IS 'Which publication of the estimates';

COMMENT ON TABLE warehouse.return_version IS
'Return versions: the rows of one submission about one period, and the time during which we held them true';
COMMENT ON COLUMN warehouse.return_version.return_version_id IS 'Number of the return version; every fact has it';
COMMENT ON COLUMN warehouse.return_version.return_name IS 'Which return';
COMMENT ON COLUMN warehouse.return_version.source IS 'Who sent it';
COMMENT ON COLUMN warehouse.return_version.submission_id IS 'The submission that it came with';
COMMENT ON COLUMN warehouse.return_version.period IS 'The days that the facts are about: a quarter or a month';
COMMENT ON COLUMN warehouse.return_version.known_during IS 'From when until when we held it true; without an end for what is current';
COMMENT ON COLUMN warehouse.return_version.synthetic IS 'Whether it is a made-up sample';
