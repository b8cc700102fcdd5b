-- Grain: one row of a return, as it was sent and typed; see each table.
-- Keys: holding and row number of the sheet, so that every fact leads back to its cell. Crime ID is no key: it repeats.
-- Why: facts are written once and never changed; warehouse.return_version says until when they were held true.

CREATE TABLE warehouse.tvp_count (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    month_starts_on date NOT NULL CHECK (extract(DAY FROM month_starts_on) = 1),
    component text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    records integer NOT NULL CHECK (records >= 0),
    PRIMARY KEY (return_version_id, month_starts_on, component, area_code)
);
COMMENT ON TABLE warehouse.tvp_count IS 'Police counts: one row a month, measure and district';
COMMENT ON COLUMN warehouse.tvp_count.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.tvp_count.row_number IS 'Row of the sheet';
COMMENT ON COLUMN warehouse.tvp_count.month_starts_on IS 'First day of the month of recording';
COMMENT ON COLUMN warehouse.tvp_count.component IS 'What is counted: the return''s code';
COMMENT ON COLUMN warehouse.tvp_count.area_code IS 'District';
COMMENT ON COLUMN warehouse.tvp_count.records IS 'Number of records';

CREATE TABLE warehouse.dim_offence (
    offence_code text PRIMARY KEY,
    offence_name text NOT NULL UNIQUE
);
COMMENT ON TABLE warehouse.dim_offence IS 'Crime types of the crime-level files';
COMMENT ON COLUMN warehouse.dim_offence.offence_code IS 'Code';
COMMENT ON COLUMN warehouse.dim_offence.offence_name IS 'Name as published';

CREATE TABLE warehouse.tvp_crime (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    month_starts_on date NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    offence_code text NOT NULL REFERENCES warehouse.dim_offence,
    last_outcome text,
    crime_id bytea CHECK (octet_length(crime_id) = 32),
    longitude numeric(9, 6),
    latitude numeric(9, 6),
    location text NOT NULL,
    lsoa_code text,
    lsoa_name text
);
CREATE INDEX tvp_crime_by_return_version ON warehouse.tvp_crime USING brin (return_version_id);
COMMENT ON TABLE warehouse.tvp_crime IS 'Crimes and anti-social behaviour: one row a record; equal rows are separate incidents';
COMMENT ON COLUMN warehouse.tvp_crime.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.tvp_crime.row_number IS 'Running number within the archive';
COMMENT ON COLUMN warehouse.tvp_crime.month_starts_on IS 'First day of the month of the record';
COMMENT ON COLUMN warehouse.tvp_crime.area_code IS 'District of Oxfordshire, ELSEWHERE, or NO-LOCATION';
COMMENT ON COLUMN warehouse.tvp_crime.offence_code IS 'Crime type';
COMMENT ON COLUMN warehouse.tvp_crime.last_outcome IS 'Newest outcome when the file was made; NULL for anti-social behaviour';
COMMENT ON COLUMN warehouse.tvp_crime.crime_id IS 'Crime ID, 32 bytes; NULL for anti-social behaviour; repeats now and then';
COMMENT ON COLUMN warehouse.tvp_crime.longitude IS 'Degrees east, anonymised; NULL without location';
COMMENT ON COLUMN warehouse.tvp_crime.latitude IS 'Degrees north, anonymised; NULL without location';
COMMENT ON COLUMN warehouse.tvp_crime.location IS 'On or near which street or place, anonymised';
COMMENT ON COLUMN warehouse.tvp_crime.lsoa_code IS 'Lower layer super output area, 2011 or 2021 code; NULL without location';
COMMENT ON COLUMN warehouse.tvp_crime.lsoa_name IS 'Its name; NULL without location';

CREATE TABLE warehouse.odas_contact (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    contact_type text NOT NULL,
    category text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    contacts integer NOT NULL CHECK (contacts >= 0),
    PRIMARY KEY (return_version_id, contact_type, category, area_code)
);
COMMENT ON TABLE warehouse.odas_contact IS 'Contacts with the domestic abuse service: one row a category and area of residence';
COMMENT ON COLUMN warehouse.odas_contact.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.odas_contact.row_number IS 'Row of the sheet';
COMMENT ON COLUMN warehouse.odas_contact.contact_type IS 'helpline_calls until March 2020, new_contacts since';
COMMENT ON COLUMN warehouse.odas_contact.category IS 'all, or one part of the same contacts by sex, age or who referred';
COMMENT ON COLUMN warehouse.odas_contact.area_code IS 'Where the caller lives';
COMMENT ON COLUMN warehouse.odas_contact.contacts IS 'Number of contacts';

CREATE TABLE warehouse.odas_service (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    service text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    clients integer NOT NULL CHECK (clients >= 0),
    PRIMARY KEY (return_version_id, service, area_code)
);
COMMENT ON TABLE warehouse.odas_service IS 'Clients of the domestic abuse services: one row a service and area of residence';
COMMENT ON COLUMN warehouse.odas_service.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.odas_service.row_number IS 'Row of the sheet';
COMMENT ON COLUMN warehouse.odas_service.service IS 'Which service';
COMMENT ON COLUMN warehouse.odas_service.area_code IS 'Where the client lives';
COMMENT ON COLUMN warehouse.odas_service.clients IS 'Number of clients, each in the quarter in which the service began';

CREATE TABLE warehouse.mediation_case (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    case_reference text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    referring_agency text NOT NULL,
    offered_on date NOT NULL,
    referred boolean NOT NULL,
    mediator_input boolean NOT NULL CHECK (referred OR NOT mediator_input),
    agreement boolean NOT NULL CHECK (mediator_input OR NOT agreement),
    further_incidents boolean NOT NULL,
    fee numeric(10, 2) CHECK (fee >= 0 AND (fee IS NOT NULL OR NOT referred)),
    PRIMARY KEY (return_version_id, case_reference)
);
COMMENT ON TABLE warehouse.mediation_case IS 'Mediation: one row a case in which mediation was offered';
COMMENT ON COLUMN warehouse.mediation_case.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.mediation_case.row_number IS 'Row of the sheet';
COMMENT ON COLUMN warehouse.mediation_case.case_reference IS 'The partner''s own number for the case';
COMMENT ON COLUMN warehouse.mediation_case.area_code IS 'District';
COMMENT ON COLUMN warehouse.mediation_case.referring_agency IS 'Who suggested mediation';
COMMENT ON COLUMN warehouse.mediation_case.offered_on IS 'Day of the offer';
COMMENT ON COLUMN warehouse.mediation_case.referred IS 'Whether the case was referred';
COMMENT ON COLUMN warehouse.mediation_case.mediator_input IS 'Whether a mediator worked with a party';
COMMENT ON COLUMN warehouse.mediation_case.agreement IS 'Whether the parties met and agreed';
COMMENT ON COLUMN warehouse.mediation_case.further_incidents IS 'Whether further incidents were reported after the offer';
COMMENT ON COLUMN warehouse.mediation_case.fee IS 'Fee in pounds; NULL where the case was not referred';

CREATE TABLE warehouse.mediation_funding (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    amount numeric(12, 2) NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (return_version_id, area_code)
);
COMMENT ON TABLE warehouse.mediation_funding IS 'Funding of mediation: one row a partnership and quarter';
COMMENT ON COLUMN warehouse.mediation_funding.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.mediation_funding.row_number IS 'Row of the sheet';
COMMENT ON COLUMN warehouse.mediation_funding.area_code IS 'Community Safety Partnership';
COMMENT ON COLUMN warehouse.mediation_funding.amount IS 'Pounds in the quarter';

CREATE TABLE warehouse.sanctuary_job (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    job_reference text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    referred_on date NOT NULL,
    reason text NOT NULL,
    secured boolean NOT NULL,
    completed_on date CHECK (completed_on >= referred_on AND (completed_on IS NOT NULL OR NOT secured)),
    locks boolean NOT NULL,
    letter_box boolean NOT NULL,
    lighting boolean NOT NULL,
    works_cost numeric(10, 2) CHECK (works_cost >= 0 AND (works_cost IS NOT NULL OR NOT secured)),
    PRIMARY KEY (return_version_id, job_reference)
);
COMMENT ON TABLE warehouse.sanctuary_job IS 'Sanctuary scheme: one row a job referred or finished in the quarter';
COMMENT ON COLUMN warehouse.sanctuary_job.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.sanctuary_job.row_number IS 'Row of the sheet';
COMMENT ON COLUMN warehouse.sanctuary_job.job_reference IS 'The partner''s own number for the job';
COMMENT ON COLUMN warehouse.sanctuary_job.area_code IS 'District';
COMMENT ON COLUMN warehouse.sanctuary_job.referred_on IS 'Day of the referral';
COMMENT ON COLUMN warehouse.sanctuary_job.reason IS 'domestic_abuse, burglary or other';
COMMENT ON COLUMN warehouse.sanctuary_job.secured IS 'Whether the home was secured';
COMMENT ON COLUMN warehouse.sanctuary_job.completed_on IS 'Day on which the works were finished; NULL while they are not';
COMMENT ON COLUMN warehouse.sanctuary_job.locks IS 'Whether locks were fitted';
COMMENT ON COLUMN warehouse.sanctuary_job.letter_box IS 'Whether a fire-proof letter box was fitted';
COMMENT ON COLUMN warehouse.sanctuary_job.lighting IS 'Whether lighting was fitted';
COMMENT ON COLUMN warehouse.sanctuary_job.works_cost IS 'Cost in pounds without covert cameras; NULL while the works are not finished';

CREATE TABLE warehouse.sanctuary_camera (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    camera_reference text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    event text NOT NULL,
    event_on date NOT NULL,
    camera_type text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (return_version_id, camera_reference, event)
);
COMMENT ON TABLE warehouse.sanctuary_camera IS 'Cameras: one row an event of a camera';
COMMENT ON COLUMN warehouse.sanctuary_camera.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.sanctuary_camera.row_number IS 'Row of the sheet';
COMMENT ON COLUMN warehouse.sanctuary_camera.camera_reference IS 'The partner''s own number for the camera';
COMMENT ON COLUMN warehouse.sanctuary_camera.area_code IS 'District';
COMMENT ON COLUMN warehouse.sanctuary_camera.event IS 'installed, kept or removed';
COMMENT ON COLUMN warehouse.sanctuary_camera.event_on IS 'Day of the event';
COMMENT ON COLUMN warehouse.sanctuary_camera.camera_type IS 'guard_camera or door_viewer';
COMMENT ON COLUMN warehouse.sanctuary_camera.reason IS 'Why it was installed';

CREATE TABLE warehouse.indicator (
    return_version_id bigint NOT NULL REFERENCES warehouse.return_version,
    row_number bigint NOT NULL,
    indicator text NOT NULL,
    area_code text NOT NULL REFERENCES warehouse.dim_area,
    numerator numeric NOT NULL CHECK (numerator >= 0),
    denominator numeric CHECK (denominator >= 0),
    PRIMARY KEY (return_version_id, indicator, area_code)
);
COMMENT ON TABLE warehouse.indicator IS 'Indicators of the other leads: one row an indicator and area';
COMMENT ON COLUMN warehouse.indicator.return_version_id IS 'What we held true, and when';
COMMENT ON COLUMN warehouse.indicator.row_number IS 'Row of the sheet';
COMMENT ON COLUMN warehouse.indicator.indicator IS 'Which indicator';
COMMENT ON COLUMN warehouse.indicator.area_code IS 'County, partnership or district';
COMMENT ON COLUMN warehouse.indicator.numerator IS 'How many';
COMMENT ON COLUMN warehouse.indicator.denominator IS 'Out of how many; NULL where the indicator is a count';
