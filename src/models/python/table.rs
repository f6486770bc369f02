//! A table in SQLAlchemy's words: types, keys, constraints, indexes. What it has no word for is stated in SQL.

use super::layout::Code;
use crate::models::facts::{Facts, Field, Identity, Model};
use crate::models::relation;
use crate::models::value::{Literal, Value};
use crate::schema::{
    Check, Conflict, ForeignKey, ForeignKeyAction, Ident, Index, IndexKey, IndexTerm, KeyColumn, PrimaryKey,
    Schema, Table, Unique,
};
use crate::sql::{one_line, tokens};

/// How the primary key is said.
#[derive(PartialEq, Eq)]
pub(super) enum KeySaid {
    /// By each of its columns.
    ByColumns,
    /// By a constraint.
    ByConstraint,
    /// In SQL, as a constraint; the words of the statement.
    InSql(String),
    /// In SQL, behind the type of its column: only there is `PRIMARY KEY DESC` no rowid.
    BehindType(String),
    /// Not at all: the key is the rowid.
    Unsaid(&'static str),
}

impl KeySaid {
    pub(super) fn of(model: &Model<'_>) -> KeySaid {
        let table = model.table;
        let key = match model.identity {
            Identity::Rowid(name) => return KeySaid::Unsaid(name),
            Identity::Key(key) => key,
        };
        let descends = key.columns.iter().any(|column| column.descending);
        let alone = model.single_key();
        if key.inline
            && descends
            && !table.without_rowid
            && alone.is_some_and(|field| field.column.declared_type.eq_ignore_ascii_case("integer"))
        {
            return KeySaid::BehindType(format!(
                "{}PRIMARY KEY DESC{}",
                named(key.name.as_ref()),
                conflict(key.conflict)
            ));
        }
        let is_reference = |column: &Ident| table.foreign_keys.iter().any(|key| key.columns.contains(column));
        let counts = key.autoincrement
            && (key.name.is_some() || alone.is_none_or(|field| is_reference(&field.column.name)));
        if !plain(table, &key.columns) || counts {
            return KeySaid::InSql(primary_key(table, key));
        }
        let declared = table.columns.iter().filter(|column| table.in_primary_key(&column.name));
        let in_order = declared.map(|column| &column.name).eq(key.columns.iter().map(|column| &column.name));
        let by_columns =
            key.name.is_none() && in_order && (key.conflict == Conflict::Abort || key.autoincrement);
        if by_columns { KeySaid::ByColumns } else { KeySaid::ByConstraint }
    }
}

/// `__table_args__`, if there is anything to say.
pub(super) fn table_args(
    schema: &Schema,
    facts: &Facts<'_>,
    model: &Model<'_>,
    said: &KeySaid,
) -> Option<Code> {
    let table = model.table;
    let mut found = Vec::new();
    found.extend(key(table, model, said));
    found.extend(table.uniques.iter().map(|constraint| unique(table, constraint)));
    found.extend(table.checks.iter().map(check));
    found.extend(table.foreign_keys.iter().map(|key| foreign_key(schema, facts, table, key)));
    found.extend(table.indexes.values().filter(|index| index.unread.is_none()).map(|i| index(table, i)));
    let options = [
        ("sqlite_autoincrement", "True", table.is_autoincrement() && *said == KeySaid::ByColumns),
        ("sqlite_strict", "True", table.strict),
        ("sqlite_with_rowid", "False", table.without_rowid),
    ];
    let options: Vec<Code> = options
        .iter()
        .filter(|(_, _, is_set)| *is_set)
        .map(|(name, value, _)| Code::Named(format!("\"{name}\": "), Box::new(Code::plain(*value))))
        .collect();
    if !options.is_empty() {
        found.push(Code::List(['{', '}'], options));
    }
    (!found.is_empty()).then_some(Code::List(['(', ')'], found))
}

fn key(table: &Table, model: &Model<'_>, said: &KeySaid) -> Option<Code> {
    let names = |columns: &[KeyColumn]| -> Vec<Code> {
        columns.iter().map(|column| Code::text(own_name(table, &column.name))).collect()
    };
    match (said, &model.identity) {
        (KeySaid::ByColumns, _) => None,
        (KeySaid::Unsaid(name), _) => Some(Code::Call("Key", vec![Code::text(*name)])),
        (KeySaid::BehindType(_), Identity::Key(key)) => Some(Code::Call("Key", names(&key.columns))),
        (KeySaid::InSql(sql), Identity::Key(key)) => {
            let mut arguments = names(&distinct(&key.columns));
            arguments.push(Code::named("sql", Code::text(sql)));
            Some(Code::Call("Key", arguments))
        }
        (KeySaid::ByConstraint, Identity::Key(key)) => {
            let mut arguments = names(&key.columns);
            arguments.extend(named_and_conflict(key.name.as_ref(), key.conflict));
            Some(Code::Call("sa.PrimaryKeyConstraint", arguments))
        }
        (_, Identity::Rowid(_)) => None,
    }
}

fn distinct(columns: &[KeyColumn]) -> Vec<KeyColumn> {
    let mut found: Vec<KeyColumn> = Vec::new();
    for column in columns {
        if found.iter().all(|other| other.name != column.name) {
            found.push(column.clone());
        }
    }
    found
}

/// Whether a key is a list of columns and nothing more.
fn plain(table: &Table, columns: &[KeyColumn]) -> bool {
    distinct(columns).len() == columns.len()
        && columns.iter().all(|column| {
            !column.descending && column.collation.is_none() && table.column(&column.name).is_some()
        })
}

fn named_and_conflict(name: Option<&Ident>, conflict: Conflict) -> Vec<Code> {
    let mut found = Vec::new();
    found.extend(name.map(|name| Code::named_text("name", name.as_str())));
    if conflict != Conflict::Abort {
        found.push(Code::named_text("sqlite_on_conflict", conflict.as_str()));
    }
    found
}

fn unique(table: &Table, unique: &Unique) -> Code {
    if !plain(table, &unique.columns) {
        let name = named(unique.name.as_ref());
        return stated(format!(
            "{name}UNIQUE ({}){}",
            key_columns(table, &unique.columns),
            conflict(unique.conflict)
        ));
    }
    let columns = unique.columns.iter().map(|column| Code::text(own_name(table, &column.name)));
    let mut arguments: Vec<Code> = columns.collect();
    arguments.extend(named_and_conflict(unique.name.as_ref(), unique.conflict));
    Code::Call("sa.UniqueConstraint", arguments)
}

fn check(check: &Check) -> Code {
    let sql = one_line(&check.expr.text);
    let mut arguments = vec![if has_parameter(&sql) { sql_code(&sql) } else { Code::text(sql) }];
    arguments.extend(check.name.as_ref().map(|name| Code::named_text("name", name.as_str())));
    Code::Call("sa.CheckConstraint", arguments)
}

/// The columns of the parent, when SQLAlchemy can say the key.
pub(super) fn sayable(schema: &Schema, facts: &Facts<'_>, key: &ForeignKey) -> Option<Vec<Ident>> {
    let parent = facts.models.iter().map(|model| model.table).find(|table| table.name == key.parent)?;
    let columns = relation::fitting(schema, key, parent)?;
    let undotted = |name: &Ident| !name.as_str().contains('.') && !name.as_str().is_empty();
    let mut seen = Vec::new();
    let distinct = key.columns.iter().all(|column| {
        let is_new = !seen.contains(&column);
        seen.push(column);
        is_new
    });
    let matches = ["SIMPLE", "PARTIAL", "FULL"].contains(&key.match_type.as_str());
    (distinct && matches && undotted(&parent.name) && columns.iter().all(undotted)).then_some(columns)
}

fn foreign_key(schema: &Schema, facts: &Facts<'_>, table: &Table, key: &ForeignKey) -> Code {
    let Some(columns) = sayable(schema, facts, key) else { return stated(reference(key)) };
    let parent = schema.tables.get(&key.parent).map_or(&key.parent, |parent| &parent.name);
    let own = key.columns.iter().map(|column| own_name(table, column));
    let theirs: Vec<String> = columns.iter().map(|column| format!("{parent}.{column}")).collect();
    let mut arguments = vec![Code::texts(own), Code::texts(theirs.iter().map(String::as_str))];
    arguments.extend(key.name.as_ref().map(|name| Code::named_text("name", name.as_str())));
    for (name, action) in [("onupdate", key.on_update), ("ondelete", key.on_delete)] {
        if action != ForeignKeyAction::NoAction {
            arguments.push(Code::named_text(name, action.as_str()));
        }
    }
    if key.deferred {
        arguments.push(Code::named_word("deferrable", "True"));
        arguments.push(Code::named_text("initially", "DEFERRED"));
    }
    if key.match_type != "SIMPLE" {
        arguments.push(Code::named_text("match", &key.match_type));
    }
    Code::Call("sa.ForeignKeyConstraint", arguments)
}

fn index(table: &Table, index: &Index) -> Code {
    let mut arguments = vec![Code::text(index.name.as_str())];
    arguments.extend(index.keys.iter().map(|key| index_key(table, key)));
    if index.unique {
        arguments.push(Code::named_word("unique", "True"));
    }
    if let Some(filter) = &index.filter {
        arguments.push(Code::named("sqlite_where", sql_code(&one_line(&filter.text))));
    }
    Code::Call("sa.Index", arguments)
}

fn index_key(table: &Table, key: &IndexKey) -> Code {
    let mut sql = match &key.term {
        IndexTerm::Column(name)
            if key.collation.is_none() && !key.descending && table.column(name).is_some() =>
        {
            return Code::text(own_name(table, name));
        }
        IndexTerm::Column(name) => name.quoted(),
        IndexTerm::Expr(expr) => {
            let text = one_line(&expr.text);
            // A word by itself would be a column, and a collation would be about the last operand alone.
            if key.collation.is_some() || tokens(&text).count() == 1 { format!("({text})") } else { text }
        }
    };
    if let Some(collation) = &key.collation {
        sql.push_str(&format!(" COLLATE {}", Ident::from(collation.as_str()).quoted()));
    }
    if key.descending {
        sql.push_str(" DESC");
    }
    sql_code(&sql)
}

/// The name of a column as the table has it, however it is spelt elsewhere.
fn own_name<'t>(table: &'t Table, name: &'t Ident) -> &'t str {
    table.column(name).map_or(name, |column| &column.name).as_str()
}

/// A piece of SQL inside of a statement that SQLAlchemy writes.
pub(super) fn sql_code(sql: &str) -> Code {
    let head = if has_parameter(sql) { "sa.literal_column" } else { "sa.text" };
    Code::Call(head, vec![Code::text(sql)])
}

/// Whether `sa.text` would take a part of it for a parameter, or a backslash for the way to say that it is none.
fn has_parameter(sql: &str) -> bool {
    let chars: Vec<char> = sql.chars().collect();
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_' || *c == '$');
    (0..chars.len()).filter(|at| chars.get(*at) == Some(&':')).any(|at| {
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let begins = before.is_none_or(|c| *c != ':' && !is_word(Some(c)));
        before == Some(&'\\') || begins && is_word(chars.get(at + 1))
    })
}

/// A constraint in SQL.
fn stated(sql: String) -> Code {
    Code::Call("Stated", vec![Code::text(sql)])
}

fn named(name: Option<&Ident>) -> String {
    name.map(|name| format!("CONSTRAINT {} ", name.quoted())).unwrap_or_default()
}

fn conflict(conflict: Conflict) -> String {
    if conflict == Conflict::Abort { String::new() } else { format!(" ON CONFLICT {}", conflict.as_str()) }
}

fn key_columns(table: &Table, columns: &[KeyColumn]) -> String {
    let column = |column: &KeyColumn| {
        let mut sql = Ident::from(own_name(table, &column.name)).quoted();
        if let Some(collation) = &column.collation {
            sql.push_str(&format!(" COLLATE {}", Ident::from(collation.as_str()).quoted()));
        }
        if column.descending {
            sql.push_str(" DESC");
        }
        sql
    };
    columns.iter().map(column).collect::<Vec<_>>().join(", ")
}

fn primary_key(table: &Table, key: &PrimaryKey) -> String {
    let counted = if key.autoincrement { " AUTOINCREMENT" } else { "" };
    format!(
        "{}PRIMARY KEY ({}{counted}){}",
        named(key.name.as_ref()),
        key_columns(table, &key.columns),
        conflict(key.conflict)
    )
}

fn reference(key: &ForeignKey) -> String {
    let list = |columns: &[Ident]| columns.iter().map(Ident::quoted).collect::<Vec<_>>().join(", ");
    let mut sql = format!(
        "{}FOREIGN KEY ({}) REFERENCES {}",
        named(key.name.as_ref()),
        list(&key.columns),
        key.parent.quoted()
    );
    if !key.parent_columns.is_empty() {
        sql.push_str(&format!(" ({})", list(&key.parent_columns)));
    }
    for (word, action) in [("UPDATE", key.on_update), ("DELETE", key.on_delete)] {
        if action != ForeignKeyAction::NoAction {
            sql.push_str(&format!(" ON {word} {}", action.as_str()));
        }
    }
    if key.match_type != "SIMPLE" {
        sql.push_str(&format!(" MATCH {}", Ident::from(key.match_type.as_str()).shown()));
    }
    if key.deferred {
        sql.push_str(" DEFERRABLE INITIALLY DEFERRED");
    }
    sql
}

/// The type of a column, with all that stands behind it and has no word of its own.
pub(super) fn column_type(field: &Field<'_>, said: &KeySaid, choices: Option<&str>) -> Code {
    let column = field.column;
    let mut words = one_line(&column.declared_type);
    let mut is_type = true;
    let mut behind = |more: String| {
        words = format!("{words} {more}").trim_start().to_owned();
        is_type = false;
    };
    if let Some(collation) = &column.collation {
        behind(format!("COLLATE {}", Ident::from(collation.as_str()).shown()));
    }
    if let (Some(name), Some(on_conflict)) = (&column.not_null_name, column.not_null) {
        behind(format!("{}NOT NULL{}", named(Some(name)), conflict(on_conflict)));
    }
    if let KeySaid::BehindType(key) = said
        && field.in_key
    {
        behind(key.clone());
    }
    // SQLAlchemy leaves None out of an INSERT where the column has a default.
    let keeps_none = field.nullable && column.default.is_some() && column.generated.is_none();
    if is_type
        && !keeps_none
        && choices.is_none()
        && let Some(plain) = plain_type(&field.value, &words)
    {
        return plain;
    }
    let like = match &field.value {
        Value::Integer => Code::plain("sa.Integer()"),
        Value::Real => Code::plain("sa.Float()"),
        Value::Number => Code::plain("sa.Numeric(asdecimal=False)"),
        Value::Text | Value::Ulid | Value::Time => Code::plain("sa.Text()"),
        Value::Boolean => Code::plain("sa.Boolean()"),
        Value::Bytes => Code::plain("sa.LargeBinary()"),
        Value::Json => Code::plain("sa.JSON(none_as_null=True)"),
        Value::OneOf(literals) if matches!(literals.as_slice(), [Literal::Integer(_), ..]) => {
            Code::plain("sa.Integer()")
        }
        Value::OneOf(_) => Code::plain("sa.Text()"),
        Value::Any => Code::plain("sa.types.NullType()"),
    };
    let mut arguments = vec![Code::text(words), like];
    arguments.extend(choices.map(Code::plain));
    if keeps_none {
        arguments.push(Code::named_word("keeps_none", "True"));
    }
    Code::Call(if choices.is_some() { "Choice" } else { "Declared" }, arguments)
}

/// SQLAlchemy's own type, when it writes these words and treats values so.
fn plain_type(value: &Value, words: &str) -> Option<Code> {
    let words = words.to_ascii_uppercase();
    let found = match (value, words.as_str()) {
        (Value::Integer, "INTEGER") => "sa.Integer",
        (Value::Integer, "BIGINT") => "sa.BigInteger",
        (Value::Integer, "SMALLINT") => "sa.SmallInteger",
        (Value::Text | Value::Ulid, "TEXT") => "sa.Text",
        (Value::Text | Value::Ulid, "VARCHAR") => "sa.String",
        (Value::Real, "REAL") => "sa.REAL",
        (Value::Real, "FLOAT") => "sa.Float",
        (Value::Boolean, "BOOLEAN") => "sa.Boolean",
        (Value::Bytes, "BLOB") => "sa.LargeBinary",
        (Value::Number, "NUMERIC") => "sa.Numeric(asdecimal=False)",
        (Value::Json, "JSON") => "sa.JSON(none_as_null=True)",
        (Value::Text | Value::Ulid, words) => {
            let length = words.strip_prefix("VARCHAR(")?.strip_suffix(')')?;
            let length: std::num::NonZeroU32 = length.parse().ok()?;
            return Some(Code::plain(format!("sa.String({length})")));
        }
        _ => return None,
    };
    Some(Code::plain(found))
}
