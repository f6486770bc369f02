//! Random valid schemas over SQLite's whole schema language, as a model that can be written in many spellings.
//!
//! [`schema`] makes a model from a seed; [`Schema::write`] writes it plainly, or, given dice, in any spelling that means
//! the same: case, quoting, white space, comments, redundant parentheses, operators' other names, constraints inline or
//! at the end, everything in another order. [`any_schema`](super::schema_shrink::any_schema) is the same for proptest,
//! and shrinks.

use super::dice::Dice;
pub use super::schema_model::*;

pub const TYPES: [&str; 13] = [
    "",
    "TEXT",
    "INT",
    "INTEGER",
    "BLOB",
    "REAL",
    "NUMERIC",
    "BOOLEAN",
    "POINT",
    "VARCHAR(10)",
    "DECIMAL(10,2)",
    "DOUBLE PRECISION",
    "DATETIME",
];
/// Those that a STRICT table accepts.
pub const STRICT_TYPES: [&str; 6] = ["TEXT", "INT", "INTEGER", "REAL", "BLOB", "ANY"];
pub const COLLATIONS: [&str; 2] = ["NOCASE", "RTRIM"];
pub const CONFLICTS: [&str; 5] = ["", "ROLLBACK", "FAIL", "IGNORE", "REPLACE"];
pub const ACTIONS: [&str; 5] = ["", "RESTRICT", "SET NULL", "SET DEFAULT", "CASCADE"];
const NAMES: [&str; 22] = [
    "id",
    "plan",
    "Name",
    "a b",
    "select",
    "o'brien",
    "x\"y",
    "a]b",
    "é",
    "計画",
    "n\nl",
    "tab\t",
    "sqlitedata",
    "back`tick",
    "order",
    "a-b",
    "--",
    "/*",
    ";",
    "\u{202e}rtl",
    "z\u{200b}w",
    "\u{1b}[31m",
];
/// Names of columns that stand alone; no two columns of a table choose from the same line.
const COLUMN_WORDS: [[&str; 6]; 6] = [
    ["order", "generated", "a", "key", "rowid", "true"],
    ["always", "group", "b", "all", "_rowid_", "False"],
    ["check", "null", "c", "1st", "new", "column1"],
    ["constraint", "default", "d", "oid", "old", "abort"],
    ["values", "strict", "e", "current_time", "as", "main"],
    ["foreign", "without", "f", "excluded", "stored", "e.f"],
];
/// The same for tables.
const TABLE_WORDS: [[&str; 5]; 4] = [
    ["table", "t", "main", "select", "Plan"],
    ["from", "s", "temp", "index", "old"],
    ["values", "r", "view", "exists", "new"],
    ["where", "q", "trigger", "replace", "rowid"],
];
const TEXTS: [&str; 10] = ["x", "X", "", "a b", "a  b", "o''brien", "-- no", "/* ; */", "12", "x "];

/// A valid schema.
pub fn schema(seed: u64) -> Schema {
    let dice = &mut Dice::new(seed);
    let mut schema =
        Schema { tables: Vec::new(), virtuals: Vec::new(), views: Vec::new(), triggers: Vec::new() };
    for i in 0..1 + dice.below(4) {
        let table = table(dice, i, &schema.tables);
        schema.tables.push(table);
    }
    if dice.chance(5) {
        schema.virtuals.push(virtual_table(dice));
    }
    for i in 0..dice.below(4) {
        let view = view(dice, i, &schema);
        schema.views.push(view);
    }
    for i in 0..dice.below(4) {
        let trigger = trigger(dice, i, &schema);
        schema.triggers.push(trigger);
    }
    schema
}

fn name(dice: &mut Dice, kind: &str, i: usize) -> String {
    format!("{}{kind}{i}", dice.pick(&NAMES))
}

fn word<const N: usize>(dice: &mut Dice, kind: &str, i: usize, words: &[[&'static str; N]]) -> String {
    match words.get(i) {
        Some(words) if dice.chance(3) => dice.pick(words).to_owned(),
        _ => name(dice, kind, i),
    }
}

fn constraint_name(dice: &mut Dice, kind: &str, i: usize, in_n: usize) -> Option<String> {
    dice.chance(in_n).then(|| name(dice, kind, i))
}

fn table(dice: &mut Dice, i: usize, others: &[Table]) -> Table {
    let strict = dice.chance(4);
    let count = 2 + dice.below(4);
    let types: &[&str] = if strict { &STRICT_TYPES } else { &TYPES };
    let mut columns: Vec<Column> = (0..count)
        .map(|c| Column {
            name: word(dice, "c", c, &COLUMN_WORDS),
            declared: dice.pick(types),
            not_null: dice.chance(3).then(|| dice.pick(&CONFLICTS)),
            default: dice.chance(3).then(|| default(dice)),
            collation: dice.chance(4).then(|| dice.pick(&COLLATIONS)),
            generated: None,
        })
        .collect();
    let key = dice.chance(2).then(|| key(dice, &mut columns, strict));
    let mut table = Table {
        name: word(dice, "t", i, &TABLE_WORDS),
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
        let generated = Some((expr, dice.chance(2)));
        let declared = if strict { "ANY" } else { dice.pick(&TYPES) };
        let column = Column::plain(word(dice, "g", count, &COLUMN_WORDS), declared);
        let not_null = dice.chance(4).then(|| dice.pick(&CONFLICTS));
        let collation = dice.chance(4).then(|| dice.pick(&COLLATIONS));
        table.columns.push(Column { generated, not_null, collation, ..column });
    }
    for u in 0..dice.below(3) {
        unique(dice, u, &mut table);
    }
    for c in 0..dice.below(4) {
        let name = constraint_name(dice, "check", c, 2);
        let check = condition(dice, &table, None, 2);
        if table.checks.iter().all(|(_, other)| *other != check) {
            table.checks.push((name, check));
        }
    }
    for n in 0..dice.below(3) {
        foreign_key(dice, n, &mut table, others);
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
    let name = constraint_name(dice, "pk", 0, 4);
    if dice.chance(2) {
        columns[0].declared = "INTEGER";
        let autoincrement = dice.chance(2);
        return Key { name, parts: vec![Part::of(0)], conflict, autoincrement };
    }
    let mut chosen = dice.some(columns.len());
    chosen.truncate(1 + dice.below(3));
    if chosen.len() == 1 && columns[chosen[0]].declared == "INTEGER" {
        columns[chosen[0]].declared = if strict { "INT" } else { "TEXT" };
    }
    Key { name, parts: parts(dice, chosen), conflict, autoincrement: false }
}

fn parts(dice: &mut Dice, columns: Vec<usize>) -> Vec<Part> {
    columns
        .into_iter()
        .map(|column| Part {
            column,
            collation: dice.chance(6).then(|| dice.pick(&COLLATIONS)),
            descending: dice.chance(4),
        })
        .collect()
}

fn unique(dice: &mut Dice, u: usize, table: &mut Table) {
    let mut columns = dice.some(table.columns.len());
    columns.truncate(1 + u);
    let key = table.key.iter().map(|key| &key.parts);
    let taken: Vec<Vec<usize>> = (table.uniques.iter().map(|unique| &unique.parts).chain(key))
        .map(|parts| parts.iter().map(|part| part.column).collect())
        .collect();
    let same = |a: &Vec<usize>| a.len() == columns.len() && a.iter().all(|c| columns.contains(c));
    if !taken.iter().any(same) {
        let name = constraint_name(dice, "u", u, 3);
        let (parts, conflict) = (parts(dice, columns), dice.pick(&CONFLICTS));
        table.uniques.push(Unique { name, parts, conflict });
    }
}

/// A key to a primary key or a UNIQUE constraint of another table or of the table itself.
fn foreign_key(dice: &mut Dice, n: usize, table: &mut Table, others: &[Table]) {
    let candidates: Vec<&Table> = others.iter().chain([&*table]).collect();
    let parent = *dice.of(&candidates);
    let to_key = dice.chance(2) || parent.uniques.is_empty();
    let parts = if to_key {
        parent.key.as_ref().map(|key| &key.parts)
    } else {
        Some(&dice.of(&parent.uniques).parts)
    };
    // A parent's key has to compare as its columns do.
    let Some(parts) = parts.filter(|parts| parts.iter().all(|part| part.collation.is_none())) else { return };
    let count = table.columns.iter().filter(|column| column.generated.is_none()).count();
    let mut columns = dice.some(count);
    if columns.len() < parts.len() || parts.iter().any(|part| part.column >= parent.columns.len()) {
        return;
    }
    columns.truncate(parts.len());
    let key = ForeignKey {
        name: constraint_name(dice, "fk", n, 4),
        columns,
        parent: parent.name.clone(),
        parent_columns: parts.iter().map(|part| parent.columns[part.column].name.clone()).collect(),
        to_key,
        on_delete: dice.pick(&ACTIONS),
        on_update: dice.pick(&ACTIONS),
        deferred: dice.chance(3),
    };
    let same = |other: &ForeignKey| other.columns == key.columns && other.parent == key.parent;
    if !table.foreign_keys.iter().any(same) {
        table.foreign_keys.push(key);
    }
}

fn index_key(dice: &mut Dice, table: &Table) -> IndexKey {
    let expr = if dice.chance(2) { column(dice, table, None) } else { scalar(dice, table, None) };
    let collation = dice.chance(3).then(|| dice.pick(&COLLATIONS));
    IndexKey { expr, collation, descending: dice.chance(3) }
}

fn virtual_table(dice: &mut Dice) -> VirtualTable {
    let name = name(dice, "vt", 0);
    if dice.chance(3) {
        let (module, coordinates) = (dice.pick(&["rtree", "rtree_i32"]), 1 + dice.below(2));
        let mut arguments = vec!["id".to_owned()];
        for c in 0..coordinates {
            arguments.extend([format!("min{c}"), format!("max{c}")]);
        }
        if dice.chance(2) {
            arguments.push("+note".to_owned());
        }
        return VirtualTable { name, module, arguments };
    }
    let mut arguments: Vec<String> = (0..1 + dice.below(3)).map(|c| format!("c{c}")).collect();
    if dice.chance(3) {
        arguments[0].push_str(" UNINDEXED");
    }
    for option in [
        ["tokenize = 'porter ascii'", "tokenize = 'unicode61 remove_diacritics 2'"],
        ["prefix = '2 3'", "prefix = '2'"],
        ["detail = none", "detail = column"],
        ["columnsize = 0", "columnsize = 1"],
    ] {
        if dice.chance(3) {
            arguments.push(dice.pick(&option).to_owned());
        }
    }
    VirtualTable { name, module: "fts5", arguments }
}

fn view(dice: &mut Dice, i: usize, schema: &Schema) -> View {
    let source = relation(dice, schema);
    let other = dice.of(&schema.tables).clone();
    let own = |dice: &mut Dice, table: &Table| dice.of(&table.columns).name.clone();
    // A query has no column of that name, so that it would be a string in the view.
    let is_lost =
        |column: &Column| ["true", "false"].iter().any(|name| column.name.eq_ignore_ascii_case(name));
    let shape = match dice.below(9) {
        0 if !source.columns.iter().any(is_lost) => Shape::Cte,
        1 => Shape::Recursive(2 + dice.below(3) as i64),
        2 => Shape::Compound(dice.pick(&["UNION", "UNION ALL", "EXCEPT", "INTERSECT"])),
        3 => Shape::Group(1 + dice.below(2) as i64),
        4 => {
            let how = dice.pick(&["JOIN", "LEFT JOIN", "CROSS JOIN", "FULL JOIN"]);
            Shape::Join(how, other.name.clone(), own(dice, &source), own(dice, &other))
        }
        5 => Shape::Exists(other.name.clone(), own(dice, &source), own(dice, &other)),
        6 => Shape::Window,
        _ => Shape::Plain,
    };
    let row = matches!(shape, Shape::Join(..) | Shape::Exists(..)).then_some("a");
    let count = 1 + dice.below(3);
    let columns = (0..count).map(|c| (scalar(dice, &source, row), name(dice, "v", c))).collect();
    let order = dice.chance(2).then(|| dice.chance(2));
    View {
        name: name(dice, "view", i),
        table: source.name.clone(),
        columns,
        list: dice.chance(3),
        shape,
        filter: condition(dice, &source, row, 2),
        order,
        limit: (order.is_some() && dice.chance(4)).then(|| 1 + dice.below(4) as i64),
        distinct: dice.chance(3),
    }
}

/// A table, or a view that is there already.
fn relation(dice: &mut Dice, schema: &Schema) -> Table {
    if !schema.views.is_empty() && dice.chance(3) {
        dice.of(&schema.views).as_table()
    } else {
        dice.of(&schema.tables).clone()
    }
}

fn trigger(dice: &mut Dice, i: usize, schema: &Schema) -> Trigger {
    let on_view = !schema.views.is_empty() && dice.chance(3);
    let fired = if on_view { dice.of(&schema.views).as_table() } else { dice.of(&schema.tables).clone() };
    let event = dice.pick(&["INSERT", "DELETE", "UPDATE"]);
    let row = match event {
        "DELETE" => Some("old"),
        "UPDATE" if dice.chance(2) => Some("old"),
        _ => Some("new"),
    };
    let columns: Vec<String> = fired.columns.iter().map(|column| column.name.clone()).collect();
    let columns = if event == "UPDATE" && dice.chance(2) {
        dice.some(columns.len()).into_iter().map(|c| columns[c].clone()).collect()
    } else {
        Vec::new()
    };
    // What is written to is a table, what is read is the row that fires, so that any names of columns will do.
    let written = if on_view || dice.chance(4) { dice.of(&schema.tables).clone() } else { fired.clone() };
    let body = (0..1 + dice.below(2)).map(|_| statement(dice, &written, &fired, row)).collect();
    Trigger {
        name: name(dice, "trigger", i),
        table: fired.name.clone(),
        timing: if on_view { "INSTEAD OF" } else { dice.pick(&["AFTER", "BEFORE"]) },
        event,
        columns,
        when: dice.chance(2).then(|| condition(dice, &fired, row, 1)),
        body,
    }
}

fn statement(dice: &mut Dice, written: &Table, fired: &Table, row: Option<&'static str>) -> Statement {
    let table = written.name.clone();
    let plain: Vec<&Column> = written.columns.iter().filter(|column| column.generated.is_none()).collect();
    match dice.below(4) {
        0 => {
            let column = dice.of(&plain).name.clone();
            Statement::Update { table, column, value: scalar(dice, fired, row) }
        }
        1 => Statement::Delete { table, filter: condition(dice, fired, row, 1) },
        2 => Statement::Insert {
            table,
            or: dice.pick(&["", "OR IGNORE", "OR REPLACE"]),
            values: plain.iter().map(|column| (column.name.clone(), scalar(dice, fired, row))).collect(),
            nothing: dice.chance(3),
        },
        _ => Statement::Raise {
            how: dice.pick(&["ABORT", "FAIL", "ROLLBACK", "IGNORE"]),
            filter: condition(dice, fired, row, 1),
            message: text(dice),
        },
    }
}

fn text(dice: &mut Dice) -> String {
    dice.pick(&TEXTS).to_owned()
}

pub fn literal(dice: &mut Dice) -> Lit {
    match dice.below(7) {
        0 => Lit::Int(dice.below(40) as i64 + 2),
        1 => Lit::Float(dice.pick(&["1.5", "0.25", "1e10"])),
        2 => Lit::Blob(dice.pick(&["ab", "00ff", ""])),
        3 => Lit::Int(-1 - dice.below(9) as i64),
        _ => Lit::Text(text(dice)),
    }
}

fn default(dice: &mut Dice) -> Expr {
    let words = ["NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"];
    let value = Expr::Lit(literal(dice));
    match dice.below(9) {
        0 => Expr::Call(dice.pick(&["quote", "hex"]), vec![value]),
        1 => Expr::Binary(dice.pick(&["+", "||"]), Box::new(value), Box::new(Expr::Lit(Lit::Int(3)))),
        2..=4 => Expr::Lit(Lit::Word(dice.pick(&words))),
        _ => value,
    }
}

fn column(dice: &mut Dice, table: &Table, row: Option<&'static str>) -> Expr {
    Expr::Col(row, dice.of(&table.columns).name.clone())
}

/// A value in which a column takes part.
fn scalar(dice: &mut Dice, table: &Table, row: Option<&'static str>) -> Expr {
    let column = column(dice, table, row);
    let boxed = Box::new(column.clone());
    match dice.below(12) {
        0 => Expr::Call(dice.pick(&["lower", "length", "abs", "typeof", "hex", "trim"]), vec![column]),
        1 => Expr::Call("coalesce", vec![column, Expr::Lit(literal(dice))]),
        2 => {
            let operator = dice.pick(&["||", "+", "*", "-", "%", "&", "|", "<<"]);
            Expr::Binary(operator, boxed, Box::new(Expr::Lit(literal(dice))))
        }
        3 => Expr::Cast(boxed, dice.pick(&["TEXT", "INTEGER", "REAL", "BLOB", "NUMERIC"])),
        4 => Expr::Unary(dice.pick(&["-", "~", "+"]), boxed),
        5 => Expr::Call(
            "substr",
            vec![column, Expr::Lit(Lit::Int(1)), Expr::Lit(Lit::Int(1 + dice.below(3) as i64))],
        ),
        _ => column,
    }
}

fn condition(dice: &mut Dice, table: &Table, row: Option<&'static str>, depth: usize) -> Expr {
    let value = Box::new(scalar(dice, table, row));
    if depth > 0 && dice.chance(2) {
        let mut part = || Box::new(condition(dice, table, row, depth - 1));
        let (a, b) = (part(), part());
        return match dice.below(4) {
            0 => Expr::Unary("NOT", a),
            1 => Expr::Case(a, b, Box::new(Expr::Lit(literal(dice)))),
            _ => Expr::Binary(dice.pick(&["AND", "OR"]), a, b),
        };
    }
    match dice.below(10) {
        0 => Expr::IsNull(value, dice.chance(2)),
        1 => Expr::In(
            value,
            (0..1 + dice.below(3)).map(|n| Lit::Text(format!("{}{n}", dice.pick(&TEXTS)))).collect(),
            dice.chance(3),
        ),
        2 => {
            let collated = Box::new(Expr::Collate(value, dice.pick(&COLLATIONS)));
            Expr::Binary("=", collated, Box::new(Expr::Lit(literal(dice))))
        }
        3 => {
            let operator = dice.pick(&["LIKE", "GLOB", "NOT LIKE"]);
            Expr::Binary(operator, value, Box::new(Expr::Lit(Lit::Text(text(dice)))))
        }
        4 => Expr::Between(value, literal(dice), literal(dice), dice.chance(3)),
        5 => Expr::Binary(
            dice.pick(&["<>", "IS NOT", "<="]),
            Box::new(Expr::Call("typeof", vec![*value])),
            Box::new(Expr::Lit(Lit::Text(dice.pick(&["null", "text", "integer", "blob"]).to_owned()))),
        ),
        6 => {
            let both = vec![*value, column(dice, table, row)];
            let other = vec![Expr::Lit(literal(dice)), Expr::Lit(literal(dice))];
            Expr::Row(dice.pick(&["=", "<>", "<"]), both, other)
        }
        _ => {
            let operator = dice.pick(&["=", "<>", "<", ">=", ">", "IS"]);
            Expr::Binary(operator, value, Box::new(Expr::Lit(literal(dice))))
        }
    }
}
