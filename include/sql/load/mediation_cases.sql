-- Grain: case.
-- Keys: return_version_id, case_reference.
-- Why: one row of the sheet is one case.
INSERT INTO warehouse.mediation_case (
    return_version_id, row_number, case_reference, area_code, referring_agency, offered_on, referred, mediator_input, agreement, further_incidents, fee_gbp
)
SELECT
    h.return_version_id,
    s.row_number,
    s.case_reference,
    s.district,
    s.referring_agency,
    s.offered_on,
    s.referred,
    s.mediator_input,
    s.agreement,
    s.further_incidents,
    s.fee
FROM typed AS s
CROSS JOIN new_return_version AS h
