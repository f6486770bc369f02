//! A backfill of rows that are in another place: they are fetched into a table like theirs, solved there as in a file, and
//! the roots that are new are handed on.

use rusqlite::types::{ToSql, ValueRef};
use rusqlite::{Connection, Statement};

use super::target::Target;
use super::trouble::sql_error;
use crate::backfill::{BackfillSpec, Outcome};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::engine::catalog::columns::{columns, named};
use crate::engine::connection::Sqlite;
use crate::sql::{Affinity, quote};

/// The rows of a table in another place.
pub(crate) struct Elsewhere {
    /// The table there, as the schema has it.
    pub(crate) target: Target,
    spec: BackfillSpec,
    /// A table of the same name, with the three columns, what the row is known by there, and what its root was.
    copy: Sqlite,
    /// The type that keeps an id as it is, with its collation.
    pub(crate) id_type: String,
    /// Whether an id can be looked up by a parent.
    is_alike: bool,
}

/// One row: what it is known by, its id, parent, root as it was and root as it is to be.
pub(crate) type Filled<'a> = [ValueRef<'a>; 5];

impl Elsewhere {
    /// A table of the schema `there`, without rows yet.
    ///
    /// # Errors
    /// `Usage` and `Data` for names and keys that cannot be filled.
    pub(crate) fn of(there: &Connection, spec: &BackfillSpec, job: Job<'_>) -> Result<Elsewhere> {
        let target = Target::examine(there, spec)?;
        let failed = |error| sql_error(error, &format!("the columns of {} cannot be read", target.name));
        let all = columns(there, "main", &target.name).map_err(failed)?;
        let strict = "SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1";
        let strict: bool = there.query_row(strict, [&target.name], |row| row.get(0)).map_err(failed)?;
        let kept = |name: &str| -> rusqlite::Result<String> {
            let declared = named(&all, name).map(|column| column.declared.as_str()).unwrap_or_default();
            let (_, collation, ..) = there.column_metadata(Some("main"), target.name.as_str(), name)?;
            let collation = collation.map_or("BINARY".into(), |name| name.to_string_lossy().into_owned());
            Ok(format!("{} COLLATE {}", Affinity::of(declared, strict).as_str(), quote(&collation)))
        };
        let [id, parent, root] = [&spec.id, &spec.parent, &spec.root].map(|name| kept(name));
        let (id_type, parent_type) = (id.map_err(failed)?, parent.map_err(failed)?);
        let copy = Sqlite::scratch(job)?;
        copy.conn
            .execute_batch(&format!(
                "CREATE TABLE {}({} {id_type}, {} {parent_type}, {} {}, planctl_key, planctl_was); BEGIN",
                target.table,
                target.id,
                target.parent,
                target.root,
                root.map_err(failed)?
            ))
            .map_err(failed)?;
        let is_alike = id_type.split(' ').next() == parent_type.split(' ').next();
        Ok(Elsewhere { target, spec: spec.clone(), copy, id_type, is_alike })
    }

    /// What a row is known by there: its rowid, or its id where that cannot be seen.
    pub(crate) fn key(&self) -> &str {
        self.target.rowid.unwrap_or(&self.target.id)
    }

    /// What takes the rows, in the order in which they are stored: key, id, parent and root.
    ///
    /// # Errors
    /// `Sql` when there is no such table.
    pub(crate) fn adding(&self) -> Result<Adding<'_>> {
        let Target { table, id, parent, root, name, .. } = &self.target;
        let sql = format!(
            "INSERT INTO {table}(planctl_key, {id}, {parent}, {root}, planctl_was) VALUES (?1, ?2, ?3, ?4, ?4)"
        );
        let insert = self.copy.conn.prepare(&sql);
        Ok(Adding { insert: insert.map_err(|error| unread(error, name))?, name })
    }

    /// Solves it here.
    ///
    /// # Errors
    /// As [`super::run`].
    pub(crate) fn solve(&self, dry_run: bool, job: Job<'_>) -> Result<Outcome> {
        super::run_on(&self.copy.conn, &self.target, &self.spec, dry_run, job)
    }

    /// Hands on the rows whose root is another one now; then those on which these roots depend.
    ///
    /// # Errors
    /// Those of whoever takes the rows.
    pub(crate) fn changed(&self, mut take: impl FnMut(&Filled<'_>, bool) -> Result<()>) -> Result<()> {
        let Target { table, id, parent, root, name, .. } = &self.target;
        let due =
            format!("NOT (typeof({root}) = typeof(planctl_was) AND {root} IS planctl_was COLLATE BINARY)");
        let rows = format!("SELECT planctl_key, {id}, {parent}, planctl_was, {root} FROM {table} t WHERE");
        let above = if self.is_alike {
            let by_id = format!("CREATE INDEX main.planctl_by_id ON {}({id})", quote(name));
            self.copy.conn.execute_batch(&by_id).map_err(|error| unread(error, name))?;
            format!(
                "{id} IN (WITH RECURSIVE up(id) AS (SELECT {parent} FROM {table} WHERE {due} \
                 UNION SELECT a.{parent} FROM up JOIN {table} a ON a.{id} = up.id) SELECT id FROM up)"
            )
        } else {
            "1".to_owned()
        };
        for (condition, is_due) in [(due.clone(), true), (format!("NOT ({due}) AND {above}"), false)] {
            let mut statement = self
                .copy
                .conn
                .prepare(&format!("{rows} {condition}"))
                .map_err(|error| unread(error, name))?;
            let mut rows = statement.query([]).map_err(|error| unread(error, name))?;
            while let Some(row) = rows.next().map_err(|error| unread(error, name))? {
                let value = |at| row.get_ref(at).map_err(|error| unread(error, name));
                take(&[value(0)?, value(1)?, value(2)?, value(3)?, value(4)?], is_due)?;
            }
        }
        Ok(())
    }
}

/// Takes rows one after the other.
pub(crate) struct Adding<'a> {
    insert: Statement<'a>,
    name: &'a str,
}

impl Adding<'_> {
    /// Takes a row.
    ///
    /// # Errors
    /// When it cannot be stored here.
    pub(crate) fn row(&mut self, row: &[impl ToSql; 4]) -> Result<()> {
        self.insert.execute(rusqlite::params_from_iter(row)).map_err(|error| unread(error, self.name))?;
        Ok(())
    }
}

fn unread(error: rusqlite::Error, name: &str) -> crate::base::error::Error {
    sql_error(error, &format!("{name} cannot be read"))
}
