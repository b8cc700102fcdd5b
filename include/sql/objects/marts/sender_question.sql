-- Grain: question to a sender, figure that it is about, and answer; one row without an answer where there is none.
-- Keys: question_id, starts_on, component, area_code, answered_at.
-- Why: what a sender says about an unlikely figure appears next to it. It counts while the figures are those that we asked about, and until
-- the sender answers again.
CREATE VIEW marts.sender_question AS
SELECT
    w.finding_id AS question_id,
    w.message,
    v.return_name,
    v.source,
    q.quarter_key,
    f.starts_on,
    f.component,
    f.area_code,
    v.known_during,
    a.is_right,
    a.reason,
    a.answered_at,
    lead(a.answered_at) OVER (
        PARTITION BY w.finding_id, f.starts_on, f.component, f.area_code, v.return_version_id ORDER BY a.answered_at, a.answer_id
    ) AS answered_again_at
FROM quality.finding AS w
INNER JOIN quality.questioned_figure AS f ON w.finding_id = f.finding_id
INNER JOIN warehouse.return_version AS v ON w.submission_id = v.submission_id AND f.starts_on <@ v.period
INNER JOIN warehouse.dim_quarter AS q ON date_trunc('quarter', f.starts_on::timestamp)::date = q.starts_on
LEFT JOIN feedback.question_answer AS a ON w.finding_id = a.finding_id;
COMMENT ON VIEW marts.sender_question IS
'Our questions to senders about figures that are not what they usually send, with every answer: one row a question, figure and answer';
COMMENT ON COLUMN marts.sender_question.question_id IS 'Question';
COMMENT ON COLUMN marts.sender_question.message IS 'What we asked, in words; never a figure';
COMMENT ON COLUMN marts.sender_question.return_name IS 'The return';
COMMENT ON COLUMN marts.sender_question.source IS 'Who sends it';
COMMENT ON COLUMN marts.sender_question.quarter_key IS 'Financial quarter of the figure';
COMMENT ON COLUMN marts.sender_question.starts_on IS 'First day of the month or quarter of the figure';
COMMENT ON COLUMN marts.sender_question.component IS 'Component of the return; NULL if the question is about all its figures';
COMMENT ON COLUMN marts.sender_question.area_code IS 'Area of the figure; NULL if the question is about the sum of all areas';
COMMENT ON COLUMN marts.sender_question.known_during IS 'From when until when the figure was the one that we asked about';
COMMENT ON COLUMN marts.sender_question.is_right IS 'Whether the sender says that the figure is right; if not, a new file comes. NULL without an answer';
COMMENT ON COLUMN marts.sender_question.reason IS 'Why, in the sender''s words';
COMMENT ON COLUMN marts.sender_question.answered_at IS 'When the sender answered';
COMMENT ON COLUMN marts.sender_question.answered_again_at IS 'When the sender answered again; NULL if this answer counts today';
