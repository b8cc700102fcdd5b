-- A few rows by hand that every database from migration 0005 to 0018 can hold: a return, its restatement, a letter and a finding. Columns are
-- named where they never changed, and not where a later migration gives one another name.
INSERT INTO warehouse.dim_source VALUES ('sanctuary_contractor', 'x');
INSERT INTO warehouse.dim_return (return_name, return_title, period_months, due_working_days, expected) VALUES ('sanctuary', 'x', 3, 15, true);
INSERT INTO warehouse.dim_quarter (quarter_key, quarter_label, financial_year, starts_on, ends_on)
VALUES ('2018-19Q4', '2018/19 Q4', '2018-19', '2019-01-01', '2019-03-31');
INSERT INTO warehouse.dim_area (area_code, area_name, area_type, sort_order)
VALUES ('CSP-SOUTH-VALE', 'x', 'csp', 1), ('E07000180', 'Vale of White Horse', 'district', 2);
INSERT INTO warehouse.area_member VALUES ('CSP-SOUTH-VALE', 'E07000180', '[1974-04-01,)');
INSERT INTO marts.dim_measure (
    measure_id, title, lead, source, return_name, good_direction, kind, unit, has_rate, numerator, aggregates_up, valid, sort_order
) VALUES ('sanctuary_referrals', 'x', 'x', 'sanctuary_contractor', 'sanctuary', 'none', 'count', 'referrals', false, 'referrals', true, '(,)', 1);
INSERT INTO intake.submission (
    receipt, return_name, source, quarter_key, file_name, landed_as, content_hash, size_bytes, received_at, synthetic, status, decided_at
) VALUES
('A', 'sanctuary', 'sanctuary_contractor', '2018-19Q4', 'x', 'x', repeat('a', 64), 1, '2019-04-23 09:00+01', true, 'accepted', '2019-04-24'),
('B', 'sanctuary', 'sanctuary_contractor', '2018-19Q4', 'x', 'x', repeat('b', 64), 1, '2020-08-10 09:00+01', true, 'accepted', '2020-08-11'),
('C', 'sanctuary', 'sanctuary_contractor', '2018-19Q4', 'x', 'x', repeat('c', 64), 1, '2020-08-09 09:00+01', true, 'refused', '2020-08-09');
INSERT INTO warehouse.return_version (return_name, source, submission_id, period, known_during, synthetic) VALUES
('sanctuary', 'sanctuary_contractor', 1, '[2019-01-01,2019-04-01)', '[2019-04-23 09:00+01,2020-08-10 09:00+01)', true),
('sanctuary', 'sanctuary_contractor', 2, '[2019-01-01,2019-04-01)', '[2020-08-10 09:00+01,)', true);
INSERT INTO warehouse.sanctuary_job
SELECT h.return_version_id, n, 'SAN-2019-' || n, 'E07000180', '2019-01-15', 'burglary', true, '2019-01-31', true, false, false, 86.50
FROM warehouse.return_version AS h CROSS JOIN LATERAL generate_series(1, CASE h.return_version_id WHEN 1 THEN 49 ELSE 55 END) AS n;
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, amount)
SELECT return_version_id, 'E07000180', '2019-01-01', 'referrals', count(*) FROM warehouse.sanctuary_job GROUP BY return_version_id;
INSERT INTO marts.component_total (return_version_id, area_code, starts_on, component, amount)
SELECT return_version_id, 'E07000180', '2019-01-01', 'works_cost', count(*) * 86.50 FROM warehouse.sanctuary_job GROUP BY return_version_id;
INSERT INTO quality.rule VALUES ('SAN-COST-01', 'sanctuary', 'jobs', 'critical', 2, 'x');
INSERT INTO quality.finding (submission_id, rule_id, message, table_name, sheet, row_number) VALUES (3, 'SAN-COST-01', 'x', 'jobs', 'Jobs', 7);
INSERT INTO feedback.letter (kind, recipient, submission_id, about_day, message_id, subject, plain, html, state, sent_at) VALUES
('accepted', 'sanctuary_contractor', 1, NULL, '<1@x>', 'x', 'x', 'x', 'sent', '2019-04-24'),
('refused', 'sanctuary_contractor', 3, NULL, '<3@x>', 'x', 'x', 'x', 'sent', '2020-08-09'),
('digest', 'unit', NULL, '2020-08-10', '<d@x>', 'x', 'x', 'x', 'queued', NULL);
