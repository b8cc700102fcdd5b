-- Grain: decision on an entry of a register.
-- Keys: register_entry_id, unchanged.
-- Why: people decide about settings and targets of the policy, and about what areas are called, on the web pages too.
ALTER TABLE feedback.register_entry DROP CONSTRAINT register_entry_register;
ALTER TABLE feedback.register_entry ADD CONSTRAINT register_entry_register CHECK (
    register IN ('waivers', 'contacts', 'leads', 'approvers', 'agreements', 'settings', 'targets', 'areas')
);
