-- Grain: table of schema public, and its columns.
-- Keys: none.
-- Why: what the tables are, for those who query them; a comment can be bettered without a migration.
COMMENT ON TABLE public.migration IS 'Migrations that were applied to this database';
COMMENT ON COLUMN public.migration.name IS 'Name of the file in include/sql/migrations';
COMMENT ON COLUMN public.migration.content_hash IS 'SHA-256 of the file: a migration is never changed once it was applied';
COMMENT ON COLUMN public.migration.applied_at IS 'When it was applied';

COMMENT ON TABLE public.applied_object IS
'What this database has of include/sql/objects, of the contracts and of the rights: what differs is applied again';
COMMENT ON COLUMN public.applied_object.object_name IS 'Name of the view, function, trigger or staging template, or the file of comments';
COMMENT ON COLUMN public.applied_object.kind IS 'view, function, trigger, comments, template or rights';
COMMENT ON COLUMN public.applied_object.position IS 'Its place in the order in which objects are applied';
COMMENT ON COLUMN public.applied_object.content_hash IS 'SHA-256 of the text that was applied';
COMMENT ON COLUMN public.applied_object.applied_at IS 'When it was applied';
