//! Tables: where each constraint may stand, and what follows it.

use super::super::schema_model::{Column, Expr, Index, Lit, Part, Table, VirtualTable};
use super::{Last, Writer};

/// A part of a table's definition that may stand behind the column or at the end.
type Constraint<'a> = Box<dyn Fn(&mut Writer, bool) + 'a>;

impl Writer {
    pub(super) fn table<'t>(&mut self, table: &'t Table) {
        let mut inline: Vec<Vec<Constraint<'t>>> =
            table.columns.iter().map(|column| own_constraints(column)).collect();
        let mut at_end: Vec<Constraint<'t>> = Vec::new();
        let mut place = |writer: &mut Writer, column: Option<usize>, constraint: Constraint<'t>| match column
        {
            Some(column) if writer.dice.is_none() || writer.chance(2) => inline[column].push(constraint),
            _ => at_end.push(constraint),
        };
        // In order they all stand at the end. Which of two conflict clauses a row meets first is no matter of spelling.
        let ordered = self.keeps_order || table.conflicts_differ();
        if let Some(key) = &table.key {
            // `INTEGER PRIMARY KEY DESC` inside the column is no rowid, at the end it is one.
            let only = if ordered { None } else { alone(&key.parts) };
            place(
                self,
                only,
                Box::new(move |writer, inline| {
                    writer.constraint_name(key.name.as_ref());
                    writer.words("PRIMARY KEY");
                    if !inline {
                        writer.parts(table, &key.parts, key.autoincrement);
                    }
                    writer.conflict(key.conflict);
                    if inline && key.autoincrement {
                        writer.words("AUTOINCREMENT");
                    }
                }),
            );
        }
        for unique in &table.uniques {
            let only = if ordered { None } else { alone(&unique.parts) };
            place(
                self,
                only,
                Box::new(move |writer, inline| {
                    writer.constraint_name(unique.name.as_ref());
                    writer.words("UNIQUE");
                    if !inline {
                        writer.parts(table, &unique.parts, false);
                    }
                    writer.conflict(unique.conflict);
                }),
            );
        }
        for (i, (name, check)) in table.checks.iter().enumerate() {
            let any_column = Some(i % table.columns.len());
            place(
                self,
                any_column,
                Box::new(move |writer, _| {
                    writer.constraint_name(name.as_ref());
                    writer.words("CHECK");
                    writer.group(check);
                }),
            );
        }
        for key in &table.foreign_keys {
            place(
                self,
                match key.columns.as_slice() {
                    [only] if !self.keeps_order => Some(*only),
                    _ => None,
                },
                Box::new(move |writer, inline| writer.foreign_key(table, key, inline)),
            );
        }
        self.words("CREATE TABLE");
        if self.chance(4) {
            self.words("IF NOT EXISTS main");
            self.punct(".");
        }
        self.name(&table.name);
        self.punct("(");
        for (i, (column, mut constraints)) in table.columns.iter().zip(inline).enumerate() {
            if i > 0 {
                self.punct(",");
            }
            self.name(&column.name);
            self.declared(column.declared);
            self.shuffle(&mut constraints);
            for constraint in constraints {
                constraint(self, true);
            }
        }
        if !ordered {
            self.shuffle(&mut at_end);
        }
        for constraint in at_end {
            self.punct(",");
            constraint(self, false);
        }
        self.punct(")");
        let mut options: Vec<&str> = [(table.strict, "STRICT"), (table.without_rowid, "WITHOUT ROWID")]
            .iter()
            .filter(|o| o.0)
            .map(|o| o.1)
            .collect();
        self.shuffle(&mut options);
        for (i, option) in options.iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            self.words(option);
        }
        self.end();
        let mut indexes: Vec<&Index> = table.indexes.iter().collect();
        if !self.keeps_order {
            self.shuffle(&mut indexes);
        }
        for index in indexes {
            self.index(table, index);
        }
    }

    fn declared(&mut self, declared: &str) {
        let (words, arguments) = declared.split_once('(').unwrap_or((declared, ""));
        self.words(words);
        if let Some(arguments) = arguments.strip_suffix(')') {
            self.punct("(");
            for (i, argument) in arguments.split(',').enumerate() {
                if i > 0 {
                    self.punct(",");
                }
                if self.chance(4) {
                    self.operator("+");
                }
                self.token(argument, Last::Word);
            }
            self.punct(")");
        }
    }

    pub(super) fn virtual_table(&mut self, table: &VirtualTable) {
        self.words("CREATE VIRTUAL TABLE");
        self.name(&table.name);
        self.words("USING");
        self.words(table.module);
        self.punct("(");
        self.out.push_str(&table.arguments.join(", "));
        self.punct(")");
        self.end();
    }
}

/// The only column of a key that can stand behind the column: `INTEGER PRIMARY KEY DESC` is no rowid there, at the end it
/// is one.
fn alone(parts: &[Part]) -> Option<usize> {
    match parts {
        [only] if !only.descending && only.collation.is_none() => Some(only.column),
        _ => None,
    }
}

/// What only the column itself can say.
fn own_constraints<'a>(column: &'a Column) -> Vec<Constraint<'a>> {
    let mut constraints: Vec<Constraint<'a>> = Vec::new();
    if let Some(conflict) = column.not_null {
        constraints.push(Box::new(move |writer, _| {
            writer.words("NOT NULL");
            writer.conflict(conflict);
        }));
    }
    if let Some(default) = &column.default {
        constraints.push(Box::new(move |writer, _| {
            writer.words("DEFAULT");
            match default {
                Expr::Lit(literal) if !writer.chance(3) => {
                    let positive = matches!(literal, Lit::Int(0..) | Lit::Float(_));
                    if positive && writer.chance(3) {
                        writer.operator("+");
                    }
                    writer.literal(literal);
                }
                _ => writer.group(default),
            }
        }));
    }
    if let Some(collation) = column.collation {
        constraints.push(Box::new(move |writer, _| {
            writer.words("COLLATE");
            writer.name(collation);
        }));
    }
    if let Some((expr, stored)) = &column.generated {
        constraints.push(Box::new(move |writer, _| {
            if writer.dice.is_none() || writer.chance(2) {
                // Behind a type SQLite reads these two words as a part of it, and knows them only without comments.
                let words = writer.any_case(" GENERATED ALWAYS");
                writer.out.push_str(&words);
                writer.last = Last::Word;
            }
            writer.words("AS");
            writer.group(expr);
            if *stored {
                writer.words("STORED");
            } else if writer.chance(2) {
                writer.words("VIRTUAL");
            }
        }));
    }
    constraints
}
