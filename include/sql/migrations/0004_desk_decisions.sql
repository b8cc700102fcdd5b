-- Grain: letter.
-- Keys: letter_id.
-- Why: a letter that asks for a decision is not sent once somebody has decided. The unit reads at once that a return was refused.
ALTER TABLE feedback.letter DROP CONSTRAINT letter_state;
ALTER TABLE feedback.letter ADD CONSTRAINT letter_state CHECK (state IN ('queued', 'sending', 'sent', 'withdrawn'));
DROP INDEX feedback.letter_to_send;
CREATE INDEX letter_to_send ON feedback.letter (due_at) WHERE state IN ('queued', 'sending');
INSERT INTO feedback.letter_kind (kind, concerns) VALUES ('refusal', 'submission');
