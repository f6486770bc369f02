//! Triggers.

use super::super::schema_model::{Lit, Statement, Trigger};
use super::Writer;

impl Writer {
    pub(super) fn trigger(&mut self, trigger: &Trigger) {
        self.words("CREATE TRIGGER");
        self.name(&trigger.name);
        self.words(trigger.timing);
        self.words(trigger.event);
        if !trigger.columns.is_empty() {
            self.words("OF");
            let mut columns: Vec<&String> = trigger.columns.iter().collect();
            self.shuffle(&mut columns);
            for (i, column) in columns.into_iter().enumerate() {
                if i > 0 {
                    self.punct(",");
                }
                self.name(column);
            }
        }
        self.words("ON");
        self.name(&trigger.table);
        if self.chance(2) {
            self.words("FOR EACH ROW");
        }
        if let Some(when) = &trigger.when {
            self.words("WHEN");
            self.expr(when);
        }
        self.words("BEGIN");
        for statement in &trigger.body {
            match statement {
                Statement::Update { table, column, value } => {
                    self.words("UPDATE");
                    self.name(table);
                    self.words("SET");
                    self.name(column);
                    self.operator("=");
                    self.expr(value);
                }
                Statement::Delete { table, filter } => {
                    self.words("DELETE FROM");
                    self.name(table);
                    self.words("WHERE");
                    self.expr(filter);
                }
                Statement::Insert { table, or, values, nothing } => {
                    self.words("INSERT");
                    self.words(or);
                    self.words("INTO");
                    self.name(table);
                    self.names(values.iter().map(|(name, _)| name));
                    self.words("SELECT");
                    for (i, (_, value)) in values.iter().enumerate() {
                        if i > 0 {
                            self.punct(",");
                        }
                        self.expr(value);
                    }
                    if *nothing {
                        self.words("WHERE true ON CONFLICT DO NOTHING");
                    }
                }
                Statement::Raise { how, filter, message } => {
                    self.words("SELECT RAISE");
                    self.punct("(");
                    self.words(how);
                    if *how != "IGNORE" {
                        self.punct(",");
                        self.literal(&Lit::Text(message.clone()));
                    }
                    self.punct(")");
                    self.words("WHERE");
                    self.expr(filter);
                }
            }
            self.punct(";");
        }
        self.words("END");
        self.end();
    }
}
