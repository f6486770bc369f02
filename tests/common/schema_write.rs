//! The models of [`super::schema_gen`] as SQL: plainly, or in any spelling.

use super::dice::Dice;
use super::schema_gen::{Column, Expr, ForeignKey, Lit, Schema, Statement, Table, Trigger, View};

impl Schema {
    /// The schema as a script: the plain one, or with dice one that is spelled by chance.
    pub fn write(&self, dice: Option<Dice>) -> String {
        let mut writer = Writer { out: String::new(), dice, last: Last::Punct };
        let mut tables: Vec<&Table> = self.tables.iter().collect();
        let mut views: Vec<&View> = self.views.iter().collect();
        let mut triggers: Vec<&Trigger> = self.triggers.iter().collect();
        writer.shuffle(&mut tables);
        writer.shuffle(&mut views);
        writer.shuffle(&mut triggers);
        for table in tables {
            writer.table(table);
        }
        for view in views {
            writer.view(view);
        }
        for trigger in triggers {
            writer.trigger(trigger);
        }
        writer.out
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Last {
    Word,
    Punct,
    Operator,
}

struct Writer {
    out: String,
    dice: Option<Dice>,
    last: Last,
}

/// A part of a table's definition that may stand behind the column or at the end.
type Constraint<'a> = Box<dyn Fn(&mut Writer, bool) + 'a>;

impl Writer {
    fn chance(&mut self, n: usize) -> bool {
        self.dice.as_mut().is_some_and(|dice| dice.chance(n))
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        if let Some(dice) = &mut self.dice {
            dice.shuffle(items);
        }
    }

    fn pick(&mut self, spellings: &[&'static str]) -> &'static str {
        match &mut self.dice {
            Some(dice) => dice.pick(spellings),
            None => spellings[0],
        }
    }

    fn token(&mut self, text: &str, kind: Last) {
        let needed = match (self.last, kind) {
            (Last::Word, Last::Word) | (Last::Operator, _) | (_, Last::Operator) => true,
            (Last::Word, Last::Punct) | (Last::Punct, _) => false,
        };
        let space = if self.dice.is_some() {
            let loose = self.pick(&["", " ", "\n", "\t ", " /* it's; */ ", " -- \"so\n"]);
            if loose.is_empty() && needed { " " } else { loose }
        } else if text == "," || text == ";" || text == ")" || self.out.ends_with('(') {
            ""
        } else {
            " "
        };
        self.out.push_str(space);
        self.out.push_str(text);
        self.last = kind;
    }

    /// Keywords, as one string.
    fn words(&mut self, words: &str) {
        for word in words.split_whitespace() {
            let word = self.any_case(word);
            self.token(&word, Last::Word);
        }
    }

    fn any_case(&mut self, word: &str) -> String {
        let dice = &mut self.dice;
        let other =
            |c: char, upper: bool| if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        word.chars()
            .map(|c| {
                dice.as_mut().map_or(c, |dice| if dice.chance(2) { c } else { other(c, dice.chance(2)) })
            })
            .collect()
    }

    fn punct(&mut self, punct: &str) {
        self.token(punct, Last::Punct);
    }

    fn operator(&mut self, operator: &str) {
        self.token(operator, Last::Operator);
    }

    fn name(&mut self, name: &str) {
        let simple =
            name.chars().all(|c| c.is_ascii_alphanumeric()) && planctl::sql::display_name(name) == name;
        let quote = self.pick(&["\"", "[", "`", ""]);
        let name = self.any_case(name);
        let text = match quote {
            "" if simple => name,
            "[" if !name.contains(']') => format!("[{name}]"),
            "`" => format!("`{}`", name.replace('`', "``")),
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        };
        self.token(&text, Last::Word);
    }

    fn names<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) {
        self.punct("(");
        for (i, name) in names.into_iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            self.name(name);
        }
        self.punct(")");
    }

    fn literal(&mut self, literal: &Lit) {
        let text = match literal {
            Lit::Text(text) => format!("'{text}'"),
            Lit::Int(n) if self.chance(3) => format!("0x{n:X}"),
            Lit::Int(n) => n.to_string(),
            Lit::Float(n) if self.chance(3) => n.replace('e', "E"),
            Lit::Float(n) => (*n).to_owned(),
            Lit::Blob(hex) => self.any_case(&format!("x'{hex}'")),
        };
        self.token(&text, Last::Word);
    }

    /// An expression where any may stand.
    fn expr(&mut self, expr: &Expr) {
        if self.chance(4) {
            self.punct("(");
            self.expr(expr);
            self.punct(")");
            return;
        }
        match expr {
            Expr::Col(row, name) => {
                if let Some(row) = row {
                    self.words(row);
                    self.punct(".");
                }
                self.name(name);
            }
            Expr::Lit(literal) => self.literal(literal),
            Expr::Collate(operand, collation) => {
                self.operand(operand);
                self.words("COLLATE");
                self.name(collation);
            }
            Expr::Call(function, arguments) => {
                self.words(function);
                self.punct("(");
                for (i, argument) in arguments.iter().enumerate() {
                    if i > 0 {
                        self.punct(",");
                    }
                    self.expr(argument);
                }
                self.punct(")");
            }
            Expr::Binary(operator, a, b) => {
                self.operand(a);
                match *operator {
                    "=" => {
                        let operator = self.pick(&["=", "=="]);
                        self.operator(operator);
                    }
                    "<>" => {
                        let operator = self.pick(&["<>", "!="]);
                        self.operator(operator);
                    }
                    "AND" | "OR" | "LIKE" | "IS" => self.words(operator),
                    other => self.operator(other),
                }
                self.operand(b);
            }
            Expr::Not(operand) => {
                self.words("NOT");
                self.operand(operand);
            }
            Expr::IsNull(operand, yes) => {
                self.operand(operand);
                let words = if *yes { ["IS NULL", "ISNULL"] } else { ["IS NOT NULL", "NOTNULL"] };
                let words = self.pick(&words);
                self.words(words);
            }
            Expr::In(operand, values) => {
                self.operand(operand);
                self.words("IN");
                self.punct("(");
                for (i, value) in values.iter().enumerate() {
                    if i > 0 {
                        self.punct(",");
                    }
                    self.literal(value);
                }
                self.punct(")");
            }
            Expr::Case(when, then, other) => {
                self.words("CASE WHEN");
                self.expr(when);
                self.words("THEN");
                self.expr(then);
                self.words("ELSE");
                self.expr(other);
                self.words("END");
            }
        }
    }

    /// An expression as part of a larger one: in parentheses unless it needs none.
    fn operand(&mut self, expr: &Expr) {
        let bare = matches!(expr, Expr::Col(..) | Expr::Lit(_) | Expr::Call(..));
        if bare {
            self.expr(expr);
        } else {
            self.group(expr);
        }
    }

    fn group(&mut self, expr: &Expr) {
        self.punct("(");
        self.expr(expr);
        self.punct(")");
    }

    fn conflict(&mut self, conflict: &str) {
        if !conflict.is_empty() {
            self.words("ON CONFLICT");
            self.words(conflict);
        } else if self.chance(6) {
            self.words("ON CONFLICT ABORT");
        }
    }

    fn constraint_name(&mut self, name: Option<&String>) {
        if let Some(name) = name {
            self.words("CONSTRAINT");
            self.name(name);
        }
    }

    fn table<'t>(&mut self, table: &'t Table) {
        let mut inline: Vec<Vec<Constraint<'t>>> =
            table.columns.iter().map(|column| own_constraints(column)).collect();
        let mut at_end: Vec<Constraint<'t>> = Vec::new();
        let mut place = |writer: &mut Writer, column: Option<usize>, constraint: Constraint<'t>| match column
        {
            Some(column) if writer.dice.is_none() || writer.chance(2) => inline[column].push(constraint),
            _ => at_end.push(constraint),
        };
        if let Some(key) = &table.key {
            // `INTEGER PRIMARY KEY DESC` inside the column is no rowid, at the end it is one.
            let only = (key.columns.len() == 1 && !key.columns[0].1).then(|| key.columns[0].0);
            place(
                self,
                only,
                Box::new(move |writer, inline| {
                    writer.words("PRIMARY KEY");
                    if !inline {
                        writer.punct("(");
                        for (i, (column, descending)) in key.columns.iter().enumerate() {
                            if i > 0 {
                                writer.punct(",");
                            }
                            writer.name(&table.columns[*column].name);
                            if *descending {
                                writer.words("DESC");
                            } else if writer.chance(3) {
                                writer.words("ASC");
                            }
                        }
                        if key.autoincrement {
                            writer.words("AUTOINCREMENT");
                        }
                        writer.punct(")");
                    }
                    writer.conflict(key.conflict);
                    if inline && key.autoincrement {
                        writer.words("AUTOINCREMENT");
                    }
                }),
            );
        }
        for unique in &table.uniques {
            let only = (unique.columns.len() == 1).then(|| unique.columns[0]);
            place(
                self,
                only,
                Box::new(move |writer, inline| {
                    writer.constraint_name(unique.name.as_ref());
                    writer.words("UNIQUE");
                    if !inline {
                        writer.names(unique.columns.iter().map(|&c| &table.columns[c].name));
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
                Some(key.column),
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
        self.shuffle(&mut at_end);
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
        let mut indexes: Vec<_> = table.indexes.iter().collect();
        self.shuffle(&mut indexes);
        for index in indexes {
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

    fn foreign_key(&mut self, table: &Table, key: &ForeignKey, inline: bool) {
        if !inline {
            self.words("FOREIGN KEY");
            self.names([&table.columns[key.column].name]);
        }
        self.words("REFERENCES");
        self.name(&key.parent);
        if self.dice.is_none() || self.chance(2) {
            self.names([&key.parent_column]);
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

    fn view(&mut self, view: &View) {
        self.words("CREATE VIEW");
        self.name(&view.name);
        self.words("AS SELECT");
        if view.distinct {
            self.words("DISTINCT");
        }
        for (i, (expr, name)) in view.columns.iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            self.expr(expr);
            self.words("AS");
            self.name(name);
        }
        self.words("FROM");
        self.name(&view.table);
        self.words("WHERE");
        self.expr(&view.filter);
        if let (Some(descending), Some((expr, _))) = (view.order, view.columns.first()) {
            self.words("ORDER BY");
            self.operand(expr);
            self.words(if descending { "DESC" } else { "ASC" });
        }
        self.end();
    }

    fn trigger(&mut self, trigger: &Trigger) {
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
                Statement::Raise { filter, message } => {
                    self.words("SELECT RAISE");
                    self.punct("(");
                    self.words("ABORT");
                    self.punct(",");
                    self.literal(&Lit::Text(message.clone()));
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

    fn end(&mut self) {
        self.punct(";");
        self.out.push('\n');
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
            let is_number = matches!(default, Lit::Int(_) | Lit::Float(_));
            if writer.chance(3) {
                writer.group(&Expr::Lit(default.clone()));
            } else {
                if is_number && writer.chance(3) {
                    writer.operator("+");
                }
                writer.literal(default);
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
