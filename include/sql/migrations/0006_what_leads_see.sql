-- Grain: exception on which a lead is asked to comment.
-- Keys: those of the request, unchanged.
-- Why: a lead sees why it is an exception, and its chart, next to the field for the commentary, as they were when we asked. Earlier
-- requests have neither.
ALTER TABLE release.commentary_request ADD COLUMN explanation text, ADD COLUMN chart text;
