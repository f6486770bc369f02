//! What ANALYZE found, across a migration: DROP TABLE and DROP INDEX take it along, and a rename leaves it behind
//! (<https://www.sqlite.org/fileformat2.html#the_sqlite_stat1_table>). Without it the same query may take another plan.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Result, params, params_from_iter};

use super::inspect::main_name;
use super::rows::values;
use crate::migrations::Step;
use crate::schema::Ident;
use crate::sql::{Token, one_line, tokens};

/// The tables of statistics, with their columns. The second is there where SQLite was built with STAT4.
const TABLES: [(&str, &str); 2] =
    [("sqlite_stat1", "tbl, idx, stat"), ("sqlite_stat4", "tbl, idx, neq, nlt, ndlt, sample")];

/// What a migration's statements may do to statistics.
#[derive(Default)]
pub(crate) struct Endangered {
    /// All names in statements that drop or rename a table or drop an index.
    names: BTreeSet<Ident>,
    /// Tables that are dropped: where they are there again, all their rows were written anew.
    dropped: BTreeSet<Ident>,
    /// Tables of the schema before, and what they are called in the end.
    renamed: Vec<(Ident, Ident)>,
}

impl Endangered {
    /// Nothing, where the migration sees to statistics itself.
    pub(crate) fn by(steps: &[Step<'_>]) -> Endangered {
        let mut endangered = Endangered::default();
        let texts = || steps.iter().filter_map(Step::sql);
        for text in texts() {
            let mut words = tokens(text);
            let Some(first) = words.next() else { continue };
            if first.is_word("DROP") || first.is_word("ALTER") {
                endangered.statement(first.is_word("DROP"), &words.collect::<Vec<_>>());
            }
        }
        let sees_to_it = |text: &str| {
            tokens(text).next().is_some_and(|first| first.is_word("ANALYZE"))
                || memmem::find(text.as_bytes(), b"sqlite_stat").is_some()
        };
        if endangered.names.is_empty() || texts().any(sees_to_it) {
            return Endangered::default();
        }
        endangered
    }

    fn statement(&mut self, drops: bool, words: &[Token<'_>]) {
        let is_table = words.first().is_some_and(|word| word.is_word("TABLE"));
        let names =
            || words.iter().filter(|word| word.can_be_name()).map(|word| Ident::from(word.unquoted()));
        if drops {
            self.names.extend(names().skip(1));
            if is_table {
                self.dropped.extend(names().skip(1));
            }
        } else if let Some(at) = words.windows(2).position(|two| is_rename_to(two))
            && let (Some(from), Some(to)) = (words.get(at.wrapping_sub(1)), words.get(at + 2))
        {
            let (from, to) = (Ident::from(from.unquoted()), Ident::from(to.unquoted()));
            self.names.insert(from.clone());
            match self.renamed.iter_mut().find(|(_, now)| *now == from) {
                Some((_, now)) => *now = to,
                None => self.renamed.push((from, to)),
            }
        }
    }

    /// Whether there is nothing to see to.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The tables of a schema that are meant.
    pub(crate) fn tables(&self, conn: &Connection) -> Result<BTreeSet<Ident>> {
        let mut tables = BTreeSet::new();
        let sql = "SELECT tbl_name FROM main.sqlite_schema WHERE type IN ('table', 'index') AND name = ?1 COLLATE NOCASE";
        let mut statement = conn.prepare_cached(sql)?;
        for name in &self.names {
            let found: Option<Ident> = statement.query_row([name.as_str()], |row| row.get(0)).optional()?;
            tables.extend(found);
        }
        Ok(tables)
    }

    pub(crate) fn new_names(&self) -> impl Iterator<Item = &Ident> {
        self.renamed.iter().map(|(_, now)| now)
    }

    /// The tables that have another name from now on.
    pub(crate) fn renamed_away(&self, after: &Shapes) -> Vec<Ident> {
        let old = self.renamed.iter().map(|(was, _)| was);
        old.filter(|was| !after.has(was)).cloned().collect()
    }

    /// The tables that were dropped and are there again: all their rows were written anew.
    pub(crate) fn made_anew(&self, after: &Shapes) -> Vec<Ident> {
        let again = self.dropped.iter().filter_map(|table| after.of.get_key_value(table));
        again.map(|(name, _)| name.clone()).collect()
    }

    /// What a table is called in the end, where it was not dropped and made anew under its name.
    fn name_after(&self, table: &Ident, shapes: &Shapes) -> Ident {
        let renamed = self.renamed.iter().find(|(was, _)| was == table).map(|(_, now)| now);
        renamed.filter(|_| !shapes.of.contains_key(table)).unwrap_or(table).clone()
    }
}

fn is_rename_to(two: &[Token<'_>]) -> bool {
    matches!(two, [rename, to] if rename.is_word("RENAME") && to.is_word("TO"))
}

/// By table and index, what the numbers are about: the columns with their types, collations and directions. A table
/// without an index of all its rows has numbers of its own.
#[derive(Default)]
pub(crate) struct Shapes {
    of: BTreeMap<Ident, BTreeMap<Option<Ident>, String>>,
}

impl Shapes {
    pub(crate) fn read<'t>(conn: &Connection, tables: impl Iterator<Item = &'t Ident>) -> Result<Shapes> {
        let mut shapes = Shapes::default();
        let known = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
        for table in tables {
            let name: Option<String> =
                conn.prepare_cached(known)?.query_row([table.as_str()], |row| row.get(0)).optional()?;
            if let Some(name) = name {
                let of_table = indexes(conn, &name)?;
                shapes.of.insert(Ident::from(name), of_table);
            }
        }
        Ok(shapes)
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &Ident> {
        self.of.keys()
    }

    pub(crate) fn has(&self, table: &Ident) -> bool {
        self.of.contains_key(table)
    }

    fn places(&self, table: &Ident) -> impl Iterator<Item = Place> {
        let found = self.of.get_key_value(table);
        found.into_iter().flat_map(|(table, indexes)| {
            indexes.keys().map(|index| Place { table: table.clone(), index: index.clone() })
        })
    }

    /// Whether the statistics of all indexes of a table are kept.
    pub(crate) fn all_are_in(&self, table: &Ident, kept: &[Kept]) -> bool {
        self.places(table).all(|place| kept.iter().any(|kept| kept.to == place))
    }

    /// Which statistics of `self` are true of the schema that has the shapes `after`, and where they belong there.
    pub(crate) fn kept(&self, after: &Shapes, endangered: &Endangered) -> Vec<Kept> {
        let mut kept = Vec::new();
        for (table, indexes) in &self.of {
            let name = endangered.name_after(table, after);
            let Some((to, there)) = after.of.get_key_value(&name) else { continue };
            for (index, shape) in indexes {
                let new_index = index.as_ref().map(|index| index_after(index, table, to));
                if let Some((new_index, same)) = there.get_key_value(&new_index)
                    && same == shape
                {
                    let from = Place { table: table.clone(), index: index.clone() };
                    kept.push(Kept { from, to: Place { table: to.clone(), index: new_index.clone() } });
                }
            }
        }
        kept
    }
}

/// What an index is called when its table has another name: the indexes of constraints have the table's name in theirs.
fn index_after(index: &Ident, table: &Ident, to: &Ident) -> Ident {
    let own = format!("sqlite_autoindex_{}_", table.folded());
    match index.folded().strip_prefix(&own) {
        Some(number) => Ident::from(format!("sqlite_autoindex_{to}_{number}")),
        None if index == table => to.clone(),
        None => index.clone(),
    }
}

fn indexes(conn: &Connection, table: &str) -> Result<BTreeMap<Option<Ident>, String>> {
    let (mut found, mut counts_rows) = (BTreeMap::new(), false);
    // The primary key of a WITHOUT ROWID table is the table: that is where its numbers stand.
    let list = "SELECT l.name, l.origin = 'pk' AND t.wr, s.sql, l.partial FROM pragma_index_list(?1, 'main') l \
        JOIN pragma_table_list(?1) t ON t.schema = 'main' LEFT JOIN main.sqlite_schema s ON s.type = 'index' AND s.name = l.name";
    let columns = "SELECT coalesce(x.name, '') || ' ' || coalesce(c.type, '') || ' ' || x.coll || ' ' || x.desc \
        FROM pragma_index_xinfo(?1, 'main') x LEFT JOIN pragma_table_xinfo(?2, 'main') c ON c.cid = x.cid WHERE x.key ORDER BY x.seqno";
    let mut list = conn.prepare_cached(list)?;
    let mut columns = conn.prepare_cached(columns)?;
    let names = list.query_map([table], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, bool>(1)?,
            row.get::<_, Option<String>>(2)?,
            row.get::<_, bool>(3)?,
        ))
    })?;
    for named in names {
        let (name, is_table, sql, is_partial) = named?;
        counts_rows |= !is_partial;
        let parts = columns.query_map([name.as_str(), table], |row| row.get(0))?;
        let mut shape = parts.collect::<Result<Vec<String>>>()?.join(", ");
        // Expressions, and the condition of a partial one.
        let sql = sql.as_deref().unwrap_or_default();
        if let Some(open) = tokens(sql).find(|token| token.is_punct("(")) {
            shape.push_str(&one_line(sql.get(open.start..).unwrap_or_default()).to_lowercase());
        }
        found.insert(Some(Ident::from(if is_table { table.to_owned() } else { name })), shape);
    }
    if !counts_rows {
        found.insert(None, String::new());
    }
    Ok(found)
}

/// Whose statistics they are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) table: Ident,
    pub(crate) index: Option<Ident>,
}

/// Statistics that stay true.
pub(crate) struct Kept {
    pub(crate) from: Place,
    pub(crate) to: Place,
}

/// The statistics of the tables that a migration drops or renames.
pub(crate) struct Statistics {
    endangered: Endangered,
    shapes: Shapes,
    /// For each of [`TABLES`], its rows by place, without the two columns that name it. `None` where it is not there.
    rows: [Option<BTreeMap<Place, Vec<Vec<Value>>>>; 2],
}

impl Statistics {
    /// Before a migration's statements run. `None` where nothing can be lost.
    pub(crate) fn before(conn: &Connection, steps: &[Step<'_>]) -> Result<Option<Statistics>> {
        let endangered = Endangered::by(steps);
        if endangered.is_empty() {
            return Ok(None);
        }
        let rows = TABLES.map(|(table, columns)| read(conn, table, columns, &endangered));
        let [Some(known), _] = &rows else { return Ok(None) };
        let tables: BTreeSet<&Ident> = known.keys().map(|place| &place.table).collect();
        if tables.is_empty() {
            return Ok(None);
        }
        let shapes = Shapes::read(conn, tables.into_iter())?;
        Ok(Some(Statistics { endangered, shapes, rows }))
    }

    /// Behind the last statement: puts back what is still true. Gives the statements that renew what is not, of tables
    /// that were made anew.
    pub(crate) fn put_back(self, conn: &Connection) -> Result<Vec<String>> {
        let after = Shapes::read(conn, self.shapes.tables().chain(self.endangered.new_names()))?;
        let kept = self.shapes.kept(&after, &self.endangered);
        let mut lost = BTreeSet::new();
        for ((name, columns), rows) in TABLES.iter().zip(&self.rows) {
            let Some(rows) = rows else { continue };
            if conn.prepare(&format!("SELECT 1 FROM main.{name}")).is_err() {
                return Ok(Vec::new());
            }
            for (place, rows) in rows {
                if !has(conn, name, place)? {
                    lost.insert(self.endangered.name_after(&place.table, &after));
                }
                if let Some(kept) = kept.iter().find(|kept| kept.from == *place)
                    && !has(conn, name, &kept.to)?
                {
                    insert(conn, name, columns, &kept.to, rows)?;
                }
            }
            for table in self.endangered.renamed_away(&after) {
                let sql = format!("DELETE FROM main.{name} WHERE tbl = ?1 COLLATE NOCASE");
                conn.prepare(&sql)?.execute([table.as_str()])?;
            }
        }
        let mut renew = Vec::new();
        for table in self.endangered.made_anew(&after).into_iter().filter(|table| lost.contains(table)) {
            for place in after.places(&table) {
                if !has(conn, TABLES[0].0, &place)? {
                    renew.push(format!("ANALYZE {}", main_name(&table)));
                    break;
                }
            }
        }
        Ok(renew)
    }
}

/// The rows of a table of statistics that are about an endangered table. What cannot be read is not known.
fn read(
    conn: &Connection,
    table: &str,
    columns: &str,
    endangered: &Endangered,
) -> Option<BTreeMap<Place, Vec<Vec<Value>>>> {
    let mut statement = conn.prepare(&format!("SELECT {columns} FROM main.{table}")).ok()?;
    let rows = statement
        .query_map([], |row| Ok((Place { table: row.get(0)?, index: row.get(1)? }, values(row, 2)?)));
    let rows: Vec<(Place, Vec<Value>)> = rows.ok()?.filter_map(Result::ok).collect();
    let touched = |place: &Place| {
        endangered.names.contains(&place.table)
            || place.index.as_ref().is_some_and(|index| endangered.names.contains(index))
    };
    let tables: BTreeSet<Ident> =
        rows.iter().filter(|(place, _)| touched(place)).map(|(place, _)| place.table.clone()).collect();
    let mut found: BTreeMap<Place, Vec<Vec<Value>>> = BTreeMap::new();
    for (place, values) in rows.into_iter().filter(|(place, _)| tables.contains(&place.table)) {
        found.entry(place).or_default().push(values);
    }
    Some(found)
}

fn has(conn: &Connection, table: &str, place: &Place) -> Result<bool> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM main.{table} WHERE tbl = ?1 COLLATE NOCASE AND idx IS ?2 COLLATE NOCASE)"
    );
    let index = place.index.as_ref().map(Ident::as_str);
    conn.prepare_cached(&sql)?.query_row(params![place.table.as_str(), index], |row| row.get(0))
}

fn insert(conn: &Connection, table: &str, columns: &str, to: &Place, rows: &[Vec<Value>]) -> Result<()> {
    let holders = vec!["?"; columns.split(',').count()].join(", ");
    let sql = format!("INSERT INTO main.{table} ({columns}) VALUES ({holders})");
    let named = [
        Value::Text(to.table.as_str().to_owned()),
        to.index.as_ref().map_or(Value::Null, |index| Value::Text(index.as_str().to_owned())),
    ];
    let mut statement = conn.prepare(&sql)?;
    rows.iter()
        .try_for_each(|values| statement.execute(params_from_iter(named.iter().chain(values))).map(drop))
}
