-- What an action asks for before it can be used.
CREATE TABLE action_arguments (
    action_name TEXT NOT NULL REFERENCES actions (namespaced_name) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (name <> ''),
    arg_type TEXT NOT NULL CHECK (arg_type IN ('string', 'integer', 'float', 'boolean', 'list')),
    requirement TEXT,
    description TEXT,
    default_value_json TEXT,
    min_value REAL,
    max_value REAL,
    validation_pattern TEXT,
    position INTEGER NOT NULL,
    -- An open end is NULL, and a comparison with NULL does not fail a CHECK.
    CHECK (min_value <= max_value),
    -- Its index leads with action_name and so serves the foreign key as well.
    UNIQUE (action_name, name)
);

CREATE INDEX idx_action_arguments_position ON action_arguments (action_name, position);
