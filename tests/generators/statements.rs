//! Random statements over whatever a database holds, and what SQLite answers.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ffi};

use super::dice::Dice;
use planctl::internals::sql::{Kind, quote, tokens};

/// What statements can be made of: relations with their columns, indexes, and values that the schema speaks of.
#[derive(Clone, Debug, Default)]
pub struct Material {
    relations: Vec<Relation>,
    indexes: Vec<(String, String)>,
    values: Vec<String>,
}

#[derive(Clone, Debug)]
struct Relation {
    name: String,
    is_view: bool,
    columns: Vec<String>,
    /// Those that can be written.
    plain: Vec<String>,
}

impl Material {
    /// Adds what a database has.
    pub fn add(&mut self, conn: &Connection) {
        let mut objects = conn
            .prepare(
                "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL \
                 AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')",
            )
            .unwrap();
        let mut rows = objects.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let (kind, name, table): (String, String, String) =
                (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
            match kind.as_str() {
                "table" | "view" => self.relation(conn, name, kind == "view"),
                "index" => self.indexes.push((name, table)),
                _ => {}
            }
            self.literals(&row.get::<_, String>(3).unwrap());
        }
        self.indexes.sort();
        self.indexes.dedup();
        self.values.extend(
            [
                "NULL", "0", "1", "2", "-1", "'x'", "'X'", "'x '", "''", "1.5", "x'ab'", "'2'", "'abc'",
                "12345",
            ]
            .map(str::to_owned),
        );
        self.values.sort();
        self.values.dedup();
    }

    fn relation(&mut self, conn: &Connection, name: String, is_view: bool) {
        let Ok(mut statement) = conn.prepare("SELECT name, hidden FROM pragma_table_xinfo(?1, 'main')")
        else {
            return;
        };
        let found = statement.query_map([&name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
        let found: Vec<(String, i64)> = found.unwrap().filter_map(Result::ok).collect();
        let at = self.relations.iter().position(|relation| relation.name.eq_ignore_ascii_case(&name));
        let at = at.unwrap_or_else(|| {
            self.relations.push(Relation { name, is_view, columns: Vec::new(), plain: Vec::new() });
            self.relations.len() - 1
        });
        let relation = &mut self.relations[at];
        for (column, hidden) in found {
            if hidden == 0 && !relation.plain.iter().any(|known| known.eq_ignore_ascii_case(&column)) {
                relation.plain.push(column.clone());
            }
            if !relation.columns.iter().any(|known| known.eq_ignore_ascii_case(&column)) {
                relation.columns.push(column);
            }
        }
    }

    /// The literals of a statement and their nearest neighbours: what a constraint lets through and what not differs in
    /// one letter.
    fn literals(&mut self, sql: &str) {
        for token in tokens(sql) {
            match token.kind {
                Kind::String => {
                    let text = token.unquoted().replace('\'', "''");
                    let other: String = text
                        .chars()
                        .map(|c| {
                            if c.is_ascii_uppercase() {
                                c.to_ascii_lowercase()
                            } else {
                                c.to_ascii_uppercase()
                            }
                        })
                        .collect();
                    self.values.extend([
                        format!("'{text}'"),
                        format!("'{other}'"),
                        format!("'{text} '"),
                        format!("'{text}z'"),
                    ]);
                }
                Kind::Number => {
                    let number = token.text;
                    self.values.extend([
                        number.to_owned(),
                        format!("{number} + 1"),
                        format!("{number} - 1"),
                        format!("-{number}"),
                        format!("'{number}'"),
                        format!("{number} + 0.0"),
                    ]);
                }
                Kind::Blob => self.values.push(token.text.to_owned()),
                _ => {}
            }
        }
    }

    fn value<'a>(&'a self, dice: &mut Dice) -> &'a str {
        // Few values, so that rows meet each other.
        let among = if dice.chance(3) { self.values.len() } else { self.values.len().min(6) };
        &self.values[dice.below(among)]
    }

    /// A statement: mostly one that writes.
    pub fn statement(&self, dice: &mut Dice) -> String {
        let Some(relation) = self.relation_of_choice(dice) else { return "SELECT 1".to_owned() };
        match dice.below(24) {
            0..=8 => self.insert(relation, dice),
            9..=12 => self.update(relation, dice),
            13 => self.delete(relation, dice),
            14 if !self.indexes.is_empty() => {
                let (index, table) = dice.of(&self.indexes);
                format!("SELECT count(*) FROM {} INDEXED BY {}", quote(table), quote(index))
            }
            15 => ["BEGIN", "COMMIT", "ROLLBACK"][dice.below(3)].to_owned(),
            _ => self.select(relation, dice),
        }
    }

    fn relation_of_choice(&self, dice: &mut Dice) -> Option<&Relation> {
        let usable: Vec<&Relation> = self.relations.iter().filter(|r| !r.plain.is_empty()).collect();
        (!usable.is_empty()).then(|| *dice.of(&usable))
    }

    fn insert(&self, relation: &Relation, dice: &mut Dice) -> String {
        let or = dice.pick(&["", "", "", "", "OR REPLACE ", "OR IGNORE ", "OR FAIL ", "OR ROLLBACK "]);
        let name = quote(&relation.name);
        if dice.chance(8) {
            return format!("INSERT {or}INTO {name} DEFAULT VALUES");
        }
        let mut columns = relation.plain.clone();
        if dice.chance(3) {
            dice.shuffle(&mut columns);
            columns.truncate(1 + dice.below(relation.plain.len()));
        }
        let values: Vec<&str> = columns.iter().map(|_| self.value(dice)).collect();
        let list = columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", ");
        let list = if dice.chance(10) { String::new() } else { format!(" ({list})") };
        let upsert = match dice.below(12) {
            0 => " ON CONFLICT DO NOTHING".to_owned(),
            1 => format!(" ON CONFLICT ({}) DO NOTHING", any(&relation.plain, dice)),
            2 => {
                let (key, set) = (any(&relation.plain, dice), any(&relation.plain, dice));
                format!(" ON CONFLICT ({key}) DO UPDATE SET {set} = excluded.{set}")
            }
            _ => String::new(),
        };
        let returning = if dice.chance(6) && !relation.is_view { " RETURNING *" } else { "" };
        format!("INSERT {or}INTO {name}{list} VALUES ({}){upsert}{returning}", values.join(", "))
    }

    fn update(&self, relation: &Relation, dice: &mut Dice) -> String {
        let or = dice.pick(&["", "", "", "OR REPLACE ", "OR IGNORE ", "OR FAIL "]);
        let set = any(&relation.plain, dice);
        let value = match dice.below(5) {
            0 => any(&relation.plain, dice),
            1 => format!("{set} || 'z'"),
            _ => self.value(dice).to_owned(),
        };
        let not_indexed = if relation.is_view { "" } else { " NOT INDEXED" };
        let filter = self.filter(relation, dice);
        format!("UPDATE {or}{}{not_indexed} SET {set} = {value}{filter}", quote(&relation.name))
    }

    fn delete(&self, relation: &Relation, dice: &mut Dice) -> String {
        let not_indexed = if relation.is_view { "" } else { " NOT INDEXED" };
        format!("DELETE FROM {}{not_indexed}{}", quote(&relation.name), self.filter(relation, dice))
    }

    fn filter(&self, relation: &Relation, dice: &mut Dice) -> String {
        if dice.chance(3) {
            return String::new();
        }
        let column = any(&relation.columns, dice);
        let operator = dice.pick(&["=", "IS", "<", ">=", "<>"]);
        format!(" WHERE {column} {operator} {}", self.value(dice))
    }

    fn select(&self, relation: &Relation, dice: &mut Dice) -> String {
        let name = quote(&relation.name);
        let column = any(&relation.columns, dice);
        match dice.below(8) {
            0 => format!("SELECT * FROM {name}"),
            1 => format!("SELECT typeof({column}), quote({column}) FROM {name}"),
            2 => format!("SELECT count(DISTINCT {column}), count(*) FROM {name}"),
            3 => format!("SELECT {column} = {0}, {column} < {0} FROM {name}", self.value(dice)),
            4 => format!("SELECT rowid, {column} FROM {name}"),
            5 => format!("SELECT {column} FROM {name} ORDER BY {column}, quote({column})"),
            6 => format!("SELECT {column}, count(*) FROM {name} GROUP BY lower({column})"),
            _ => format!("SELECT * FROM {name}{}", self.filter(relation, dice)),
        }
    }
}

/// One of the names, in quotes.
fn any(names: &[String], dice: &mut Dice) -> String {
    quote(&names[dice.below(names.len())])
}

/// What SQLite answers to a statement.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// Column names and rows, each value as it stands.
    Rows(Vec<String>, Vec<String>),
    /// How many rows were changed.
    Changed(u64),
    /// Extended code and message.
    Refused(i32, String),
}

impl Answer {
    /// The answer without the text of a CHECK, which stands for its name, and of an expression that names a column, and
    /// without the case of the names in a message.
    pub fn in_place(self) -> Answer {
        match self {
            Answer::Rows(names, rows) => Answer::Rows(vec![names.len().to_string()], rows),
            Answer::Refused(ffi::SQLITE_CONSTRAINT_CHECK, _) => {
                Answer::Refused(ffi::SQLITE_CONSTRAINT_CHECK, String::new())
            }
            Answer::Refused(code, message) if code != ffi::SQLITE_CONSTRAINT_TRIGGER => {
                Answer::Refused(code, message.to_ascii_lowercase())
            }
            other => other,
        }
    }

    /// The answer without what SQLite leaves open: the order of rows, which of several violated constraints is told and
    /// the text of a constraint without a name.
    pub fn settled(self) -> Answer {
        match self {
            Answer::Rows(names, mut rows) => {
                rows.sort();
                // A column without an alias is named by its text.
                Answer::Rows(vec![names.len().to_string()], rows)
            }
            Answer::Refused(code, message) => {
                let constraint = code & 0xff == ffi::SQLITE_CONSTRAINT;
                let trigger = code == ffi::SQLITE_CONSTRAINT_TRIGGER;
                let message = if trigger { message } else { String::new() };
                Answer::Refused(if constraint && !trigger { ffi::SQLITE_CONSTRAINT } else { code }, message)
            }
            changed => changed,
        }
    }
}

/// Runs a statement.
pub fn answer(conn: &Connection, sql: &str) -> Answer {
    let run = || -> rusqlite::Result<Answer> {
        let before = conn.total_changes();
        let mut statement = conn.prepare(sql)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..names.len()).map(|i| shown(row.get_ref(i).unwrap()));
            found.push(values.collect::<Vec<_>>().join(" | "));
        }
        if names.is_empty() {
            return Ok(Answer::Changed(conn.total_changes() - before));
        }
        Ok(Answer::Rows(names, found))
    };
    run().unwrap_or_else(|error| {
        let code = error.sqlite_error().map_or(0, |error| error.extended_code);
        let message = match error {
            rusqlite::Error::SqlInputError { msg, .. } => msg,
            other => other.to_string(),
        };
        Answer::Refused(code, message)
    })
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Real(number) => format!("Real({:x})", number.to_bits()),
        ValueRef::Text(text) => format!("Text({})", text.escape_ascii()),
        other => format!("{other:?}"),
    }
}
