//! What tables, keys and references have in common, and foreign keys.

use super::super::schema_model::{ForeignKey, Part, Table};
use super::Writer;

impl Writer {
    pub(super) fn conflict(&mut self, conflict: &str) {
        if !conflict.is_empty() {
            self.words("ON CONFLICT");
            self.words(conflict);
        } else if self.chance(6) {
            self.words("ON CONFLICT ABORT");
        }
    }

    /// The columns of a key.
    pub(super) fn parts(&mut self, table: &Table, parts: &[Part], autoincrement: bool) {
        self.punct("(");
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            self.name(&table.columns[part.column].name);
            if let Some(collation) = part.collation {
                self.words("COLLATE");
                self.name(collation);
            }
            if part.descending {
                self.words("DESC");
            } else if self.chance(3) {
                self.words("ASC");
            }
        }
        if autoincrement {
            self.words("AUTOINCREMENT");
        }
        self.punct(")");
    }

    pub(super) fn constraint_name(&mut self, name: Option<&String>) {
        if let Some(name) = name {
            self.words("CONSTRAINT");
            self.name(name);
        }
    }

    pub(super) fn foreign_key(&mut self, table: &Table, key: &ForeignKey, inline: bool) {
        self.constraint_name(key.name.as_ref());
        if !inline {
            self.words("FOREIGN KEY");
            self.names(key.columns.iter().map(|&c| &table.columns[c].name));
        }
        self.words("REFERENCES");
        self.name(&key.parent);
        if self.dice.is_none() || !key.to_key || self.chance(2) {
            self.names(&key.parent_columns);
        }
        let mut actions = [("ON DELETE", key.on_delete), ("ON UPDATE", key.on_update)];
        self.shuffle(&mut actions);
        for (event, action) in actions {
            if !action.is_empty() {
                self.words(event);
                self.words(action);
            } else if self.chance(3) {
                self.words(event);
                self.words("NO ACTION");
            }
        }
        if key.deferred {
            self.words("DEFERRABLE INITIALLY DEFERRED");
        } else {
            let spelling = self.pick(&["", "NOT DEFERRABLE", "DEFERRABLE", "DEFERRABLE INITIALLY IMMEDIATE"]);
            self.words(spelling);
        }
    }
}
