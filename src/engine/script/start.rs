//! The check that a database has the very schema that a script was written for.

use rusqlite::{Connection, Result};

use super::shell::Shell;
use super::text::Script as _;
use crate::engine::catalog::fingerprint::counted;
use crate::engine::catalog::rows::rows;
use crate::sql::quote_string;

/// The objects of a schema with their texts token by token: white space and comments left out, words in lower case, what
/// is in quotes to the letter. So a dump that was loaded has the same as the database it was made of. `rest` is what is
/// still to be read, `inside` what ends the literal or comment that is open, `gap` whether there was a space.
fn read() -> String {
    let ours = counted();
    format!(
        "WITH RECURSIVE objects(type, name, title, tbl, sql) AS (\n\
         SELECT type, lower(name), name, lower(tbl_name), sql FROM main.sqlite_master WHERE sql IS NOT NULL AND {ours}\n\
         ), reading(type, name, rest, text, last, inside, gap) AS (\n\
         SELECT type, name, sql, '', '', '', 0 FROM objects\n\
         UNION ALL\n\
         SELECT type, name,\n\
         CASE WHEN inside = '' THEN substr(rest, CASE WHEN substr(rest, 1, 2) IN ('--', '/*') THEN 3 ELSE 2 END)\n\
         WHEN instr(rest, inside) = 0 THEN ''\n\
         ELSE substr(rest, instr(rest, inside) + length(inside)) END,\n\
         CASE WHEN inside IN ('*/', char(10)) THEN text\n\
         WHEN inside <> '' THEN text || CASE instr(rest, inside) WHEN 0 THEN rest ELSE substr(rest, 1, instr(rest, inside)) END\n\
         WHEN substr(rest, 1, 2) IN ('--', '/*') OR instr({SPACE}, substr(rest, 1, 1)) THEN text\n\
         ELSE text || CASE WHEN gap AND last <> '' AND instr({PUNCTUATION}, last) = 0 \
         AND instr({PUNCTUATION}, substr(rest, 1, 1)) = 0 THEN ' ' ELSE '' END || lower(substr(rest, 1, 1)) END,\n\
         CASE WHEN inside IN ('*/', char(10)) THEN last WHEN inside <> '' THEN inside\n\
         WHEN substr(rest, 1, 2) IN ('--', '/*') OR instr({SPACE}, substr(rest, 1, 1)) THEN last\n\
         ELSE substr(rest, 1, 1) END,\n\
         CASE WHEN inside <> '' THEN '' WHEN substr(rest, 1, 2) = '--' THEN char(10) WHEN substr(rest, 1, 2) = '/*' THEN '*/'\n\
         WHEN substr(rest, 1, 1) = '[' THEN ']' WHEN instr({QUOTES}, substr(rest, 1, 1)) THEN substr(rest, 1, 1) ELSE '' END,\n\
         inside IN ('*/', char(10)) OR inside = '' AND instr({SPACE}, substr(rest, 1, 1)) > 0\n\
         FROM reading WHERE rest <> ''\n\
         )\n\
         SELECT o.type, o.title, o.name, o.tbl, r.text FROM objects o JOIN reading r USING (type, name) WHERE r.rest = ''"
    )
}

const SPACE: &str = "' ' || char(9, 10, 12, 13)";
const QUOTES: &str = "'''\"`'";
const PUNCTUATION: &str = "'()<>=,;+-*/%&|~!.'";

/// One object: its type, its name as written, and what is compared.
struct Object {
    kind: String,
    title: String,
    compared: [String; 3],
}

/// Writes the check that the schema is the one that `conn` has.
pub(crate) fn check(sql: &mut Shell, conn: &Connection) -> Result<()> {
    let objects: Vec<Object> = rows(conn, &read(), [], |row| {
        let compared = [row.get(2)?, row.get(3)?, row.get(4)?];
        Ok(Object { kind: row.get(0)?, title: row.get(1)?, compared })
    })?;
    let modules: Vec<String> = objects
        .iter()
        .filter(|object| object.compared.iter().any(|text| text.starts_with("create virtual table ")))
        .filter_map(|object| {
            object.compared.first().map(|name| format!("({})", quote_string(&format!("{name}_"))))
        })
        .collect();
    sql.line("\n-- The schema must be the one that this script was written for, apart from white space and comments.");
    sql.statement("CREATE TEMP TABLE planctl_wanted(type TEXT, title TEXT, name TEXT, tbl TEXT, text TEXT)");
    // So many parts may a compound have.
    for objects in objects.chunks(100) {
        let rows: Vec<String> = objects
            .iter()
            .map(|object| {
                let values = [&object.kind, &object.title].into_iter().chain(&object.compared);
                let values: Vec<String> = values.map(|text| super::shell::literal(text)).collect();
                format!("({})", values.join(", "))
            })
            .collect();
        sql.statement(&format!("INSERT INTO temp.planctl_wanted VALUES\n{}", rows.join(",\n")));
    }
    sql.statement(&format!("CREATE TEMP TABLE planctl_there AS\n{}", read()));
    if !modules.is_empty() {
        // What belongs to a virtual table is its module's business.
        for table in ["planctl_wanted", "planctl_there"] {
            sql.statement(&format!(
                "WITH modules(start) AS (VALUES {})\nDELETE FROM temp.{table} WHERE text NOT LIKE 'create virtual table %' \
                 AND EXISTS (SELECT 1 FROM modules WHERE substr(name, 1, length(start)) = start)",
                modules.join(", ")
            ));
        }
    }
    let missing = "SELECT type, name, tbl, text FROM temp.planctl_wanted EXCEPT \
                   SELECT type, name, tbl, text FROM temp.planctl_there";
    let unknown = "SELECT type, name, tbl, text FROM temp.planctl_there EXCEPT \
                   SELECT type, name, tbl, text FROM temp.planctl_wanted";
    sql.statement(&format!(
        "SELECT 'not as expected: ' || type || ' ' || (SELECT w.title FROM temp.planctl_wanted w \
         WHERE w.type = m.type AND w.name = m.name) FROM ({missing}) m LIMIT 50"
    ));
    sql.statement(&format!(
        "SELECT 'not expected: ' || type || ' ' || (SELECT t.title FROM temp.planctl_there t \
         WHERE t.type = u.type AND t.name = u.name) FROM ({unknown}) u WHERE (type, name) NOT IN \
         (SELECT type, name FROM temp.planctl_wanted) LIMIT 50"
    ));
    sql.check(
        "the schema is not the one that this script was written for",
        &format!("SELECT NOT EXISTS ({missing}) AND NOT EXISTS ({unknown})"),
    );
    sql.statement("DROP TABLE temp.planctl_wanted");
    sql.statement("DROP TABLE temp.planctl_there");
    Ok(())
}
