//! The models of [`super::schema_gen`] as SQL: plainly, or in any spelling.

use super::dice::Dice;
use super::schema_model::{
    Column, Expr, ForeignKey, Lit, Part, Schema, Shape, Statement, Table, Trigger, View, VirtualTable,
};

impl Schema {
    /// The schema as a script: the plain one, or with dice one that is spelled by chance.
    pub fn write(&self, dice: Option<Dice>) -> String {
        self.written(Writer { out: String::new(), dice, last: Last::Punct, keeps_order: false })
    }

    /// As [`Schema::write`], with indexes, keys and triggers in the order of the model: which of several triggers fires
    /// first, which of several foreign keys acts first, or which of several violated constraints is told, SQLite leaves
    /// open and decides by it.
    pub fn write_in_order(&self, dice: Dice) -> String {
        self.written(Writer { out: String::new(), dice: Some(dice), last: Last::Punct, keeps_order: true })
    }

    fn written(&self, mut writer: Writer) -> String {
        let mut tables: Vec<&Table> = self.tables.iter().collect();
        let mut views: Vec<&View> = self.views.iter().collect();
        let mut triggers: Vec<&Trigger> = self.triggers.iter().collect();
        if !writer.keeps_order {
            writer.shuffle(&mut tables);
            writer.shuffle(&mut triggers);
        }
        writer.shuffle(&mut views);
        for table in tables {
            writer.table(table);
        }
        for table in &self.virtuals {
            writer.virtual_table(table);
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
    keeps_order: bool,
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
            Lit::Int(n) if *n >= 0 && self.chance(3) => format!("0x{n:X}"),
            Lit::Int(n) => n.to_string(),
            Lit::Float(n) if self.chance(3) => n.replace('e', "E"),
            Lit::Float(n) => (*n).to_owned(),
            Lit::Blob(hex) => self.any_case(&format!("x'{hex}'")),
            Lit::Word(word) => self.any_case(word),
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
                    word if word.starts_with(|c: char| c.is_ascii_alphabetic()) => self.words(word),
                    other => self.operator(other),
                }
                self.operand(b);
            }
            Expr::Unary(operator, operand) => {
                if *operator == "NOT" {
                    self.words("NOT");
                } else {
                    self.operator(operator);
                }
                self.operand(operand);
            }
            Expr::IsNull(operand, yes) => {
                self.operand(operand);
                let words = if *yes { ["IS NULL", "ISNULL"] } else { ["IS NOT NULL", "NOTNULL"] };
                let words = self.pick(&words);
                self.words(words);
            }
            Expr::Between(operand, low, high, not) => {
                self.operand(operand);
                self.words(if *not { "NOT BETWEEN" } else { "BETWEEN" });
                self.literal(low);
                self.words("AND");
                self.literal(high);
            }
            Expr::Cast(operand, to) => {
                self.words("CAST");
                self.punct("(");
                self.expr(operand);
                self.words("AS");
                self.words(to);
                self.punct(")");
            }
            Expr::Row(operator, left, right) => {
                self.row(left);
                self.operator(operator);
                self.row(right);
            }
            Expr::In(operand, values, not) => {
                self.operand(operand);
                self.words(if *not { "NOT IN" } else { "IN" });
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

    fn row(&mut self, values: &[Expr]) {
        self.punct("(");
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            self.expr(value);
        }
        self.punct(")");
    }

    /// An expression as part of a larger one: in parentheses unless it needs none.
    fn operand(&mut self, expr: &Expr) {
        let bare = matches!(expr, Expr::Col(..) | Expr::Lit(_) | Expr::Call(..) | Expr::Cast(..));
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

    /// The columns of a key.
    fn parts(&mut self, table: &Table, parts: &[Part], autoincrement: bool) {
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
        let mut indexes: Vec<_> = table.indexes.iter().collect();
        if !self.keeps_order {
            self.shuffle(&mut indexes);
        }
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

    fn virtual_table(&mut self, table: &VirtualTable) {
        self.words("CREATE VIRTUAL TABLE");
        self.name(&table.name);
        self.words("USING");
        self.words(table.module);
        self.punct("(");
        self.out.push_str(&table.arguments.join(", "));
        self.punct(")");
        self.end();
    }

    fn view(&mut self, view: &View) {
        self.words("CREATE VIEW");
        self.name(&view.name);
        if view.list {
            self.names(view.columns.iter().map(|(_, name)| name));
        }
        self.words("AS");
        match &view.shape {
            Shape::Cte => {
                self.words("WITH w_cte AS");
                self.punct("(");
                self.words("SELECT");
                self.operator("*");
                self.words("FROM");
                self.name(&view.table);
                self.words("WHERE");
                self.expr(&view.filter);
                self.punct(")");
            }
            Shape::Recursive(times) => {
                self.words("WITH RECURSIVE n_cte");
                self.punct("(");
                self.words("n");
                self.punct(")");
                self.words("AS");
                self.punct("(");
                self.words("SELECT 1 UNION ALL SELECT n");
                self.operator("+");
                self.words("1 FROM n_cte WHERE n");
                self.operator("<");
                self.literal(&Lit::Int(*times));
                self.punct(")");
            }
            _ => {}
        }
        self.select(view);
        if let Shape::Compound(operator) = view.shape {
            self.words(operator);
            self.words("SELECT");
            for (i, (expr, _)) in view.columns.iter().enumerate() {
                if i > 0 {
                    self.punct(",");
                }
                self.expr(expr);
            }
            self.words("FROM");
            self.name(&view.table);
        }
        if let (Some(descending), Some((expr, _))) = (view.order, view.columns.first()) {
            self.words("ORDER BY");
            match view.shape {
                Shape::Compound(_) => self.words("1"),
                _ => self.operand(expr),
            }
            self.words(if descending { "DESC" } else { "ASC" });
        }
        if let Some(limit) = view.limit {
            self.words("LIMIT");
            self.literal(&Lit::Int(limit));
        }
        self.end();
    }

    fn select(&mut self, view: &View) {
        self.words("SELECT");
        if view.distinct {
            self.words("DISTINCT");
        }
        for (i, (expr, name)) in view.columns.iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            match &view.shape {
                Shape::Group(_) if i > 0 => {
                    self.words("max");
                    self.group(expr);
                }
                Shape::Window if i > 0 => {
                    self.words("count");
                    self.group(expr);
                    self.words("OVER");
                    self.punct("(");
                    self.words("PARTITION BY");
                    self.expr(&view.columns[0].0);
                    self.punct(")");
                }
                _ => self.expr(expr),
            }
            if !view.list {
                self.words("AS");
                self.name(name);
            }
        }
        self.words("FROM");
        match &view.shape {
            Shape::Cte => self.words("w_cte"),
            Shape::Recursive(_) => {
                self.name(&view.table);
                self.punct(",");
                self.words("n_cte");
            }
            Shape::Join(how, other, own, theirs) => {
                self.name(&view.table);
                self.words("AS a");
                self.words(how);
                self.name(other);
                self.words("AS b ON");
                self.pair("a", own, "b", theirs);
            }
            Shape::Exists(..) => {
                self.name(&view.table);
                self.words("AS a");
            }
            _ => self.name(&view.table),
        }
        if view.shape != Shape::Cte {
            self.words("WHERE");
            self.operand(&view.filter);
        }
        match &view.shape {
            Shape::Exists(other, own, theirs) => {
                self.words("AND EXISTS");
                self.punct("(");
                self.words("SELECT 1 FROM");
                self.name(other);
                self.words("AS b WHERE");
                self.pair("a", own, "b", theirs);
                self.punct(")");
            }
            Shape::Group(least) => {
                self.words("GROUP BY");
                self.operand(&view.columns[0].0);
                self.words("HAVING count");
                self.punct("(");
                self.operator("*");
                self.punct(")");
                self.operator(">=");
                self.literal(&Lit::Int(*least));
            }
            _ => {}
        }
    }

    /// `a.x = b.y`
    fn pair(&mut self, a: &'static str, x: &str, b: &'static str, y: &str) {
        self.expr(&Expr::Col(Some(a), x.to_owned()));
        self.operator("=");
        self.expr(&Expr::Col(Some(b), y.to_owned()));
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

    fn end(&mut self) {
        self.punct(";");
        self.out.push('\n');
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
