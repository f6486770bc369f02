//! Random valid schemas over SQLite's whole schema language, as a model that can be written in many spellings.
//!
//! [`schema`] makes a model from a seed; [`Schema::write`] writes it plainly, or, given dice, in any spelling that means
//! the same: case, quoting, white space, comments, redundant parentheses, operators' other names, constraints inline or
//! at the end, everything in another order.

use super::dice::Dice;

#[derive(Clone, Debug)]
pub struct Schema {
    pub tables: Vec<Table>,
    pub views: Vec<View>,
    pub triggers: Vec<Trigger>,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    pub key: Option<Key>,
    pub uniques: Vec<Unique>,
    pub checks: Vec<(Option<String>, Expr)>,
    pub foreign_keys: Vec<ForeignKey>,
    pub indexes: Vec<Index>,
    pub strict: bool,
    pub without_rowid: bool,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub declared: &'static str,
    pub not_null: Option<&'static str>,
    pub default: Option<Lit>,
    pub collation: Option<&'static str>,
    pub generated: Option<(Expr, bool)>,
}

#[derive(Clone, Debug)]
pub struct Key {
    /// Column and DESC.
    pub columns: Vec<(usize, bool)>,
    pub conflict: &'static str,
    pub autoincrement: bool,
}

#[derive(Clone, Debug)]
pub struct Unique {
    pub name: Option<String>,
    pub columns: Vec<usize>,
    pub conflict: &'static str,
}

#[derive(Clone, Debug)]
pub struct ForeignKey {
    pub column: usize,
    pub parent: String,
    /// The parent's primary key, which may be left out.
    pub parent_column: String,
    pub on_delete: &'static str,
    pub on_update: &'static str,
    pub deferred: bool,
}

#[derive(Clone, Debug)]
pub struct Index {
    pub name: String,
    pub unique: bool,
    pub keys: Vec<IndexKey>,
    pub filter: Option<Expr>,
}

#[derive(Clone, Debug)]
pub struct IndexKey {
    pub expr: Expr,
    pub collation: Option<&'static str>,
    pub descending: bool,
}

#[derive(Clone, Debug)]
pub struct View {
    pub name: String,
    pub table: String,
    /// Expression and name.
    pub columns: Vec<(Expr, String)>,
    pub filter: Expr,
    pub order: Option<bool>,
    pub distinct: bool,
}

#[derive(Clone, Debug)]
pub struct Trigger {
    pub name: String,
    pub table: String,
    pub timing: &'static str,
    pub event: &'static str,
    /// UPDATE OF
    pub columns: Vec<String>,
    /// Over `new` or `old`.
    pub when: Option<Expr>,
    pub body: Vec<Statement>,
}

#[derive(Clone, Debug)]
pub enum Statement {
    Update { table: String, column: String, value: Expr },
    Delete { table: String, filter: Expr },
    Raise { filter: Expr, message: String },
}

#[derive(Clone, PartialEq, Debug)]
pub enum Lit {
    Text(String),
    Int(i64),
    Float(&'static str),
    Blob(&'static str),
}

#[derive(Clone, PartialEq, Debug)]
pub enum Expr {
    Col(Option<&'static str>, String),
    Lit(Lit),
    Collate(Box<Expr>, &'static str),
    Call(&'static str, Vec<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    IsNull(Box<Expr>, bool),
    In(Box<Expr>, Vec<Lit>),
    Case(Box<Expr>, Box<Expr>, Box<Expr>),
}

pub const TYPES: [&str; 9] =
    ["", "TEXT", "INT", "INTEGER", "BLOB", "REAL", "VARCHAR(10)", "DECIMAL(10,2)", "DOUBLE PRECISION"];
const STRICT_TYPES: [&str; 5] = ["TEXT", "INT", "REAL", "BLOB", "ANY"];
pub const COLLATIONS: [&str; 2] = ["NOCASE", "RTRIM"];
pub const CONFLICTS: [&str; 5] = ["", "ROLLBACK", "FAIL", "IGNORE", "REPLACE"];
pub const ACTIONS: [&str; 5] = ["", "RESTRICT", "SET NULL", "SET DEFAULT", "CASCADE"];
const NAMES: [&str; 14] = [
    "id",
    "plan",
    "Name",
    "a b",
    "select",
    "o'brien",
    "x\"y",
    "a]b",
    "é",
    "n\nl",
    "sqlitedata",
    "back`tick",
    "order",
    "a-b",
];
const TEXTS: [&str; 8] = ["x", "X", "", "a b", "a  b", "o''brien", "-- no", "/* ; */"];

/// A valid schema.
pub fn schema(seed: u64) -> Schema {
    let dice = &mut Dice::new(seed);
    let mut schema = Schema { tables: Vec::new(), views: Vec::new(), triggers: Vec::new() };
    for i in 0..1 + dice.below(3) {
        let table = table(dice, i, &schema.tables);
        schema.tables.push(table);
    }
    for i in 0..dice.below(3) {
        let table = dice.of(&schema.tables).clone();
        let count = 1 + dice.below(3);
        let columns = (0..count).map(|c| (scalar(dice, &table, None), name(dice, "v", c))).collect();
        schema.views.push(View {
            name: name(dice, "view", i),
            table: table.name.clone(),
            columns,
            filter: condition(dice, &table, None, 2),
            order: dice.chance(2).then(|| dice.chance(2)),
            distinct: dice.chance(3),
        });
    }
    for i in 0..dice.below(3) {
        let table = dice.of(&schema.tables).clone();
        let trigger = trigger(dice, i, &table);
        schema.triggers.push(trigger);
    }
    schema
}

fn name(dice: &mut Dice, kind: &str, i: usize) -> String {
    format!("{}{}{i}", dice.pick(&NAMES), kind)
}

fn table(dice: &mut Dice, i: usize, others: &[Table]) -> Table {
    let strict = dice.chance(4);
    let count = 2 + dice.below(4);
    let types: &[&str] = if strict { &STRICT_TYPES } else { &TYPES };
    let mut columns: Vec<Column> = (0..count)
        .map(|c| Column {
            name: name(dice, "c", c),
            declared: dice.pick(types),
            not_null: dice.chance(3).then(|| dice.pick(&CONFLICTS)),
            default: dice.chance(3).then(|| literal(dice)),
            collation: dice.chance(4).then(|| dice.pick(&COLLATIONS)),
            generated: None,
        })
        .collect();
    let key = dice.chance(2).then(|| key(dice, &mut columns, strict));
    let mut table = Table {
        name: name(dice, "t", i),
        without_rowid: key.as_ref().is_some_and(|key| !key.autoincrement) && dice.chance(4),
        key,
        columns,
        uniques: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        strict,
    };
    if dice.chance(3) {
        let expr = scalar(dice, &table, None);
        let declared = if strict { "ANY" } else { dice.pick(&TYPES) };
        let generated = Some((expr, dice.chance(2)));
        let name = name(dice, "g", count);
        table.columns.push(Column {
            name,
            declared,
            not_null: None,
            default: None,
            collation: None,
            generated,
        });
    }
    for u in 0..dice.below(3) {
        let mut columns = dice.some(count);
        columns.truncate(1 + u);
        let key = table.key.iter().map(|key| key.columns.iter().map(|(c, _)| *c).collect());
        let taken: Vec<Vec<usize>> =
            table.uniques.iter().map(|unique| unique.columns.clone()).chain(key).collect();
        let same = |a: &Vec<usize>| a.len() == columns.len() && a.iter().all(|c| columns.contains(c));
        if !taken.iter().any(same) {
            let name = dice.chance(3).then(|| name(dice, "u", u));
            table.uniques.push(Unique { name, columns, conflict: dice.pick(&CONFLICTS) });
        }
    }
    for c in 0..dice.below(3) {
        let name = dice.chance(2).then(|| name(dice, "check", c));
        let check = condition(dice, &table, None, 2);
        if table.checks.iter().all(|(_, other)| *other != check) {
            table.checks.push((name, check));
        }
    }
    for column in dice.some(count).into_iter().take(dice.below(3)) {
        let candidates: Vec<&Table> = others.iter().chain([&table]).collect();
        let parent = *dice.of(&candidates);
        if let Some(key) = &parent.key
            && let [(only, _)] = key.columns.as_slice()
        {
            let key = ForeignKey {
                column,
                parent: parent.name.clone(),
                parent_column: parent.columns[*only].name.clone(),
                on_delete: dice.pick(&ACTIONS),
                on_update: dice.pick(&ACTIONS),
                deferred: dice.chance(3),
            };
            table.foreign_keys.push(key);
        }
    }
    for n in 0..dice.below(3) {
        let keys = (0..1 + dice.below(2)).map(|_| index_key(dice, &table)).collect();
        let filter = dice.chance(3).then(|| condition(dice, &table, None, 1));
        let name = format!("{}{i}", name(dice, "index", n));
        table.indexes.push(Index { name, unique: dice.chance(3), keys, filter });
    }
    table
}

fn key(dice: &mut Dice, columns: &mut [Column], strict: bool) -> Key {
    let conflict = dice.pick(&CONFLICTS);
    if dice.chance(2) {
        columns[0].declared = "INTEGER";
        let autoincrement = dice.chance(2);
        return Key { columns: vec![(0, false)], conflict, autoincrement };
    }
    let mut chosen = dice.some(columns.len());
    chosen.truncate(1 + dice.below(2));
    if chosen.len() == 1 && columns[chosen[0]].declared == "INTEGER" {
        columns[chosen[0]].declared = if strict { "INT" } else { "TEXT" };
    }
    Key { columns: chosen.into_iter().map(|c| (c, dice.chance(4))).collect(), conflict, autoincrement: false }
}

fn index_key(dice: &mut Dice, table: &Table) -> IndexKey {
    let expr = if dice.chance(2) { column(dice, table, None) } else { scalar(dice, table, None) };
    let collation = dice.chance(3).then(|| dice.pick(&COLLATIONS));
    IndexKey { expr, collation, descending: dice.chance(3) }
}

fn trigger(dice: &mut Dice, i: usize, table: &Table) -> Trigger {
    let event = dice.pick(&["INSERT", "DELETE", "UPDATE"]);
    let row = Some(if event == "DELETE" { "old" } else { "new" });
    let plain: Vec<&Column> = table.columns.iter().filter(|column| column.generated.is_none()).collect();
    let statement = |dice: &mut Dice| match dice.below(3) {
        0 => Statement::Update {
            table: table.name.clone(),
            column: dice.of(&plain).name.clone(),
            value: scalar(dice, table, row),
        },
        1 => Statement::Delete { table: table.name.clone(), filter: condition(dice, table, row, 1) },
        _ => Statement::Raise { filter: condition(dice, table, row, 1), message: text(dice) },
    };
    let columns = if event == "UPDATE" && dice.chance(2) {
        dice.some(plain.len()).into_iter().map(|c| plain[c].name.clone()).collect()
    } else {
        Vec::new()
    };
    Trigger {
        name: name(dice, "trigger", i),
        table: table.name.clone(),
        timing: dice.pick(&["AFTER", "BEFORE"]),
        event,
        columns,
        when: dice.chance(2).then(|| condition(dice, table, row, 1)),
        body: (0..1 + dice.below(2)).map(|_| statement(dice)).collect(),
    }
}

fn text(dice: &mut Dice) -> String {
    dice.pick(&TEXTS).to_owned()
}

fn literal(dice: &mut Dice) -> Lit {
    match dice.below(5) {
        0 => Lit::Int(dice.below(40) as i64 + 2),
        1 => Lit::Float(dice.pick(&["1.5", "0.25", "1e10"])),
        2 => Lit::Blob(dice.pick(&["ab", "00ff", ""])),
        _ => Lit::Text(text(dice)),
    }
}

fn column(dice: &mut Dice, table: &Table, row: Option<&'static str>) -> Expr {
    let plain: Vec<&Column> = table.columns.iter().filter(|column| column.generated.is_none()).collect();
    Expr::Col(row, dice.of(&plain).name.clone())
}

/// A value in which a column takes part.
fn scalar(dice: &mut Dice, table: &Table, row: Option<&'static str>) -> Expr {
    let column = column(dice, table, row);
    match dice.below(6) {
        0 => Expr::Call(dice.pick(&["lower", "length", "abs"]), vec![column]),
        1 => Expr::Call("coalesce", vec![column, Expr::Lit(literal(dice))]),
        2 => Expr::Binary(dice.pick(&["||", "+"]), Box::new(column), Box::new(Expr::Lit(literal(dice)))),
        _ => column,
    }
}

fn condition(dice: &mut Dice, table: &Table, row: Option<&'static str>, depth: usize) -> Expr {
    let value = Box::new(scalar(dice, table, row));
    if depth > 0 && dice.chance(2) {
        let mut part = || Box::new(condition(dice, table, row, depth - 1));
        let (a, b) = (part(), part());
        return match dice.below(4) {
            0 => Expr::Not(a),
            1 => Expr::Case(a, b, Box::new(Expr::Lit(literal(dice)))),
            _ => Expr::Binary(dice.pick(&["AND", "OR"]), a, b),
        };
    }
    match dice.below(6) {
        0 => Expr::IsNull(value, dice.chance(2)),
        1 => Expr::In(
            value,
            (0..1 + dice.below(3)).map(|n| Lit::Text(format!("{}{n}", dice.pick(&TEXTS)))).collect(),
        ),
        2 => {
            let collated = Box::new(Expr::Collate(value, dice.pick(&COLLATIONS)));
            Expr::Binary("=", collated, Box::new(Expr::Lit(literal(dice))))
        }
        3 => Expr::Binary("LIKE", value, Box::new(Expr::Lit(Lit::Text(text(dice))))),
        _ => {
            let operator = dice.pick(&["=", "<>", "<", ">=", "IS"]);
            Expr::Binary(operator, value, Box::new(Expr::Lit(literal(dice))))
        }
    }
}
