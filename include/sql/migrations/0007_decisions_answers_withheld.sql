-- Grain: decision on an entry of a register; component total; figure that a question is about; answer to a question.
-- Keys: those of the entry and the total, unchanged; finding_id with the figure; a number that PostgreSQL gives.
-- Why: people decide about settings and targets of the policy, and about what areas are called, on the web pages too. A partner may withhold
-- a figure: a total that it is a part of is then not known, which is not 0. We ask about figures that are unlikely, and the sender's answer
-- is a note next to them until they are replaced. Without a component, a question is about all figures of the return; without an area,
-- about the figure in all areas. The newest answer counts.
ALTER TABLE feedback.register_entry DROP CONSTRAINT register_entry_register;
ALTER TABLE feedback.register_entry ADD CONSTRAINT register_entry_register CHECK (
    register IN ('waivers', 'contacts', 'leads', 'approvers', 'agreements', 'settings', 'targets', 'areas')
);
ALTER TABLE marts.component_total ALTER COLUMN value DROP NOT NULL;

CREATE TABLE quality.questioned_figure (
    finding_id bigint NOT NULL,
    starts_on date NOT NULL,
    component text,
    area_code text,
    CONSTRAINT questioned_figure_key UNIQUE NULLS NOT DISTINCT (finding_id, starts_on, component, area_code),
    CONSTRAINT questioned_figure_finding_fkey FOREIGN KEY (finding_id) REFERENCES quality.finding ON DELETE CASCADE,
    CONSTRAINT questioned_figure_area_fkey FOREIGN KEY (area_code) REFERENCES warehouse.dim_area,
    CONSTRAINT questioned_figure_area CHECK (component IS NOT NULL OR area_code IS NULL)
);
ALTER TABLE quality.questioned_figure ALTER COLUMN finding_id SET STATISTICS 0, ALTER COLUMN starts_on SET STATISTICS 0;
ALTER TABLE quality.questioned_figure ALTER COLUMN component SET STATISTICS 0, ALTER COLUMN area_code SET STATISTICS 0;

CREATE TABLE feedback.question_answer (
    answer_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    finding_id bigint NOT NULL,
    is_right boolean NOT NULL,
    reason text NOT NULL,
    answered_by text NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT question_answer_pkey PRIMARY KEY (answer_id),
    CONSTRAINT question_answer_finding_fkey FOREIGN KEY (finding_id) REFERENCES quality.finding,
    CONSTRAINT question_answer_reason CHECK (length(reason) BETWEEN 1 AND 500),
    CONSTRAINT question_answer_answered_by CHECK (answered_by <> '')
);
CREATE INDEX question_answer_by_finding ON feedback.question_answer (finding_id, answered_at);
