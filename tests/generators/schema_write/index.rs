//! Indexes.

use super::super::schema_model::{Index, Table};
use super::Writer;

impl Writer {
    pub(super) fn index(&mut self, table: &Table, index: &Index) {
        self.words(if index.unique { "CREATE UNIQUE INDEX" } else { "CREATE INDEX" });
        self.name(&index.name);
        self.words("ON");
        self.name(&table.name);
        self.punct("(");
        for (i, key) in index.keys.iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            self.operand(&key.expr);
            if let Some(collation) = key.collation {
                self.words("COLLATE");
                self.name(collation);
            }
            if key.descending {
                self.words("DESC");
            } else if self.chance(3) {
                self.words("ASC");
            }
        }
        self.punct(")");
        if let Some(filter) = &index.filter {
            self.words("WHERE");
            self.expr(filter);
        }
        self.end();
    }
}
