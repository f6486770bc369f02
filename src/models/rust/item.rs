//! One struct, one enum.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::names::{Item, Listed, Member, Stated};
use super::sql::{Statements, escaped};
use crate::base::escape::visible;
use crate::models::value::Literal;
use crate::sql::{display_name, shown};

/// The columns of a line, and those that rustfmt gives the arguments of a call.
const WIDTH: (usize, usize) = (100, 60);

/// How many columns of fields rustfmt leaves on one line.
const SMALL_STRUCT: usize = 18;

pub(super) fn write_enum(out: &mut String, listed: &Listed<'_>) {
    let name = &listed.name;
    let variants = &listed.variants;
    let is_text = variants.iter().any(|(_, literal)| matches!(literal, Literal::Text(_)));
    let (convert, kind) = if is_text { ("as_str", "&'static str") } else { ("as_i64", "i64") };
    let place = prose(&format!("{}.{}", display_name(listed.table), display_name(listed.column)));
    let mut body = format!(
        "\n/// The values of {place}.\n#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]\npub enum {name} {{\n"
    );
    for (variant, _) in variants {
        let _ = writeln!(body, "    {variant},");
    }
    let _ = write!(
        body,
        "}}\n\nimpl {name} {{\n    /// The value in the database.\n    pub const fn {convert}(self) -> {kind} {{\n        match self {{\n"
    );
    for (variant, literal) in variants {
        let value = match literal {
            Literal::Text(text) => format!("\"{}\"", escaped(text)),
            Literal::Integer(value) => value.to_string(),
        };
        let _ = writeln!(body, "            Self::{variant} => {value},");
    }
    let _ = write!(
        body,
        "        }}\n    }}\n}}\n\nimpl ToSql for {name} {{\n    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {{\n        \
         Ok(self.{convert}().into())\n    }}\n}}\n\nimpl FromSql for {name} {{\n    \
         fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {{\n        match value {{\n"
    );
    for (variant, literal) in variants {
        let value = match literal {
            Literal::Text(text) => format!(
                "Text(b\"{}\")",
                text.bytes()
                    .flat_map(std::ascii::escape_default)
                    .map(char::from)
                    .collect::<String>()
                    .replace("\\'", "'")
            ),
            Literal::Integer(value) => format!("Integer({value})"),
        };
        let _ = writeln!(body, "            ValueRef::{value} => Ok(Self::{variant}),");
    }
    let arguments = [
        format!("\"{}\"", escaped(listed.table)),
        format!("\"{}\"", escaped(listed.column)),
        "other".to_owned(),
    ];
    let flat = arguments.join(", ");
    if flat.len() <= WIDTH.1 {
        let _ = writeln!(body, "            other => Err(not_listed({flat})),");
    } else {
        let lines = arguments.join(",\n                ");
        let _ =
            writeln!(body, "            other => Err(not_listed(\n                {lines},\n            )),");
    }
    body.push_str("        }\n    }\n}\n");
    out.push_str(&body);
}

pub(super) fn write_struct(out: &mut String, item: &Item<'_>) {
    let (name, table) = (&item.name, prose(&display_name(item.table.name.as_str())));
    let statements = Statements::of(item);
    let _ =
        write!(out, "\n/// A row of {table}.\n#[derive(Clone, PartialEq, Debug)]\npub struct {name} {{\n");
    for member in &item.members {
        let _ = writeln!(out, "    pub {}: {},", member.name, member.member_type());
    }
    let _ = write!(
        out,
        "}}\n\nimpl {name} {{\n    /// All rows, with the columns in the order of [`{name}::from_row`].\n    \
         pub const SELECT: &'static str = {};\n\n    const GET: &'static str = {};\n\n    \
         const INSERT: &'static str = {};\n\n",
        statements.select, statements.get, statements.insert
    );
    if let Some(update) = &statements.update {
        let _ = write!(out, "    const UPDATE: &'static str = {update};\n\n");
    }
    let _ = write!(
        out,
        "    const DELETE: &'static str = {};\n\n    /// Reads a row whose columns are those of [`{name}::SELECT`].\n    \
         pub fn from_row(row: &Row<'_>) -> Result<Self> {{\n",
        statements.delete
    );
    write_read(out, item);
    out.push_str("    }\n");
    write_select(out, name);
    write_get(out, item);
    write_insert(out, item);
    if statements.update.is_some() {
        write_update(out, item);
    }
    write_delete(out, item);
    out.push_str("}\n");
    write_new(out, item);
}

/// What a row needs before there is one, and the row with its defaults.
fn write_new(out: &mut String, item: &Item<'_>) {
    let (new, table) = (&item.name_of_new, prose(&display_name(item.table.name.as_str())));
    let needed: Vec<&Member<'_>> = item.members.iter().filter(|member| member.in_new.is_none()).collect();
    let _ = write!(
        out,
        "\n/// What a new row of {table} needs: the rest is NULL, or the default that the table states.\n\
         #[derive(Clone, PartialEq, Debug)]\npub struct {new}"
    );
    if needed.is_empty() {
        out.push_str(";\n");
    } else {
        out.push_str(" {\n");
        for member in &needed {
            let _ = writeln!(out, "    pub {}: {},", member.name, member.member_type());
        }
        out.push_str("}\n");
    }
    let argument = if needed.is_empty() { "_" } else { "new" };
    let _ =
        write!(out, "\nimpl From<{new}> for {} {{\n    fn from({argument}: {new}) -> Self {{\n", item.name);
    let values = item.members.iter().map(|member| format!("{}: {}", member.name, in_new(member)));
    let _ = writeln!(out, "        {}", whole(&values.collect::<Vec<_>>()));
    out.push_str("    }\n}\n");
}

fn in_new(member: &Member<'_>) -> String {
    let (before, behind) = if member.optional { ("Some(", ")") } else { ("", "") };
    match &member.in_new {
        None => format!("new.{}", member.name),
        Some(Stated::Nothing) => "None".to_owned(),
        Some(Stated::Word(word)) => format!("{before}{word}{behind}"),
        Some(Stated::Text(text)) => {
            let flat = format!("String::from(\"{text}\")");
            let line = 12 + member.name.len() + ": ".len() + before.len() + flat.width() + behind.len() + 1;
            if line > WIDTH.0 || member.optional && flat.width() > WIDTH.1 {
                format!("{before}String::from(\n                \"{text}\",\n            ){behind}")
            } else {
                format!("{before}{flat}{behind}")
            }
        }
    }
}

fn write_read(out: &mut String, item: &Item<'_>) {
    let read = item.members.iter().zip(0..).map(|(member, at)| format!("{}: row.get({at})?", member.name));
    let _ = writeln!(out, "        Ok({})", whole(&read.collect::<Vec<_>>()));
}

/// `Self` of these fields.
fn whole(fields: &[String]) -> String {
    let flat = fields.join(", ");
    if flat.len() <= SMALL_STRUCT {
        format!("Self {{ {flat} }}")
    } else {
        format!("Self {{\n            {},\n        }}", fields.join(",\n            "))
    }
}

fn write_select(out: &mut String, name: &str) {
    let _ = write!(
        out,
        "\n    /// The rows that the rest of [`{name}::SELECT`] chooses, as in `WHERE … ORDER BY …`.\n    \
         pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {{\n        \
         let mut statement = db.prepare_cached(&format!(\"{{}} {{rest}}\", Self::SELECT))?;\n        \
         let rows = statement.query_map(params, Self::from_row)?;\n        rows.collect()\n    }}\n"
    );
}

fn write_get(out: &mut String, item: &Item<'_>) {
    let keys: Vec<&Member<'_>> = item.keys().collect();
    let arguments: Vec<String> = std::iter::once("db: &Connection".to_owned())
        .chain(keys.iter().map(|key| format!("{}: {}", key.name, key.argument_type())))
        .collect();
    out.push_str("\n    /// The row with this key.\n");
    let flat = format!("    pub fn get({}) -> Result<Option<Self>> {{\n", arguments.join(", "));
    if flat.trim_end().len() <= WIDTH.0 {
        out.push_str(&flat);
    } else {
        let _ = writeln!(
            out,
            "    pub fn get(\n        {},\n    ) -> Result<Option<Self>> {{",
            arguments.join(",\n        ")
        );
    }
    out.push_str("        let mut statement = db.prepare_cached(Self::GET)?;\n");
    for (key, number) in keys.iter().zip(1..) {
        let _ = writeln!(out, "        statement.raw_bind_parameter({number}, {})?;", key.name);
    }
    out.push_str("        let mut rows = statement.raw_query();\n        rows.next()?.map(Self::from_row).transpose()\n    }\n");
}

fn bind(out: &mut String, member: &Member<'_>, number: usize) {
    let by = if member.is_copy() { "" } else { "&" };
    let _ = writeln!(out, "        statement.raw_bind_parameter({number}, {by}self.{})?;", member.name);
}

fn write_insert(out: &mut String, item: &Item<'_>) {
    let has_rowid = !item.table.without_rowid;
    let (about, gives) = if has_rowid {
        ("    /// Inserts the row, and gives its rowid.\n", "i64")
    } else {
        ("    /// Inserts the row.\n", "()")
    };
    let _ = write!(
        out,
        "\n{about}    pub fn insert(&self, db: &Connection) -> Result<{gives}> {{\n        \
         let mut statement = db.prepare_cached(Self::INSERT)?;\n"
    );
    for (member, number) in item.members.iter().filter(|member| member.is_set).zip(1..) {
        bind(out, member, number);
    }
    let last = if has_rowid { "db.last_insert_rowid()" } else { "()" };
    let _ = write!(out, "        statement.raw_execute()?;\n        Ok({last})\n    }}\n");
}

fn write_update(out: &mut String, item: &Item<'_>) {
    out.push_str(
        "\n    /// Writes the row over the one with its key; `false` when there is none.\n    \
         pub fn update(&self, db: &Connection) -> Result<bool> {\n        \
         let mut statement = db.prepare_cached(Self::UPDATE)?;\n",
    );
    let changed = item.members.iter().filter(|member| member.is_set && !member.in_key);
    for (member, number) in changed.chain(item.keys()).zip(1..) {
        bind(out, member, number);
    }
    out.push_str("        Ok(statement.raw_execute()? > 0)\n    }\n");
}

fn write_delete(out: &mut String, item: &Item<'_>) {
    out.push_str(
        "\n    /// Deletes the row with this key; `false` when there is none.\n    \
         pub fn delete(&self, db: &Connection) -> Result<bool> {\n        \
         let mut statement = db.prepare_cached(Self::DELETE)?;\n",
    );
    for (member, number) in item.keys().zip(1..) {
        bind(out, member, number);
    }
    out.push_str("        Ok(statement.raw_execute()? > 0)\n    }\n");
}

/// A name inside of a comment.
fn prose(name: &str) -> String {
    format!("`{}`", shown(&visible(name)))
}
