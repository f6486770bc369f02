//! What ANALYZE found, kept by a script: the text cannot know whether the database has any.
//!
//! A name without its schema is looked up in main, and then in what is attached. An attached database in memory has an
//! empty `sqlite_stat1`: where main has none, the statements read and write that one, and it goes with the connection.
//! `sqlite_stat4` cannot be had this way: many shells are built without it.

use rusqlite::Connection;

use super::shell::Shell;
use super::text::Script as _;
use crate::engine::catalog::statistics::{Endangered, Kept, Shapes};
use crate::migrations::Step;
use crate::schema::Ident;
use crate::sql::quote_string;

/// Behind COMMIT.
pub(crate) fn end(sql: &mut Shell) {
    sql.statement("DETACH planctl_memory");
}

/// Before a file runs on the shadow database: what it endangers there.
pub(crate) struct Before {
    endangered: Endangered,
    shapes: Shapes,
}

impl Before {
    pub(crate) fn read(conn: &Connection, steps: &[Step<'_>]) -> rusqlite::Result<Before> {
        let endangered = Endangered::by(steps);
        let shapes = Shapes::read(conn, endangered.tables(conn)?.iter())?;
        Ok(Before { endangered, shapes })
    }

    /// Whether there is anything to keep.
    pub(crate) fn is_empty(&self) -> bool {
        self.endangered.is_empty()
    }

    /// When it has run there: what stays true.
    pub(crate) fn kept(&self, conn: &Connection) -> rusqlite::Result<Keeping> {
        let after = Shapes::read(conn, self.shapes.tables().chain(self.endangered.new_names()))?;
        let kept = self.shapes.kept(&after, &self.endangered);
        let gone = self.endangered.renamed_away(&after);
        let renew = self.endangered.made_anew(&after).into_iter();
        let renew = renew.filter(|table| !after.all_are_in(table, &kept)).collect();
        Ok(Keeping { kept, gone, renew })
    }
}

/// What of the statistics a file's statements take along is put back behind them.
pub(crate) struct Keeping {
    kept: Vec<Kept>,
    /// Tables that have another name from now on.
    gone: Vec<Ident>,
    /// Tables that are there anew with an index that is another one than before.
    renew: Vec<Ident>,
}

impl Keeping {
    pub(crate) fn before(&self, sql: &mut Shell) {
        for table in &self.renew {
            sql.line(&format!(
                "-- Where the database has statistics, run ANALYZE {} afterwards: its indexes differ.",
                table.shown()
            ));
        }
        if self.kept.is_empty() {
            return;
        }
        let name = |name: &Ident| quote_string(name.as_str());
        let index = |index: &Option<Ident>| index.as_ref().map_or("NULL".to_owned(), name);
        let rows = self.kept.iter().map(|Kept { from, to }| {
            let (old, new) = (name(&from.table), name(&to.table));
            format!("({old}, {}, {new}, {})", index(&from.index), index(&to.index))
        });
        sql.statement(&format!(
            "CREATE TEMP TABLE planctl_statistics AS\n\
             WITH planctl_kept(tbl, idx, new_tbl, new_idx) AS (VALUES\n  {}\n)\n\
             SELECT k.new_tbl AS tbl, k.new_idx AS idx, s.stat AS stat FROM sqlite_stat1 s JOIN planctl_kept k\n\
             ON s.tbl = k.tbl COLLATE NOCASE AND s.idx IS k.idx COLLATE NOCASE",
            rows.collect::<Vec<_>>().join(",\n  ")
        ));
    }

    pub(crate) fn after(&self, sql: &mut Shell) {
        if self.kept.is_empty() {
            return;
        }
        for table in &self.gone {
            let table = quote_string(table.as_str());
            sql.statement(&format!("DELETE FROM sqlite_stat1 WHERE tbl = {table} COLLATE NOCASE"));
        }
        sql.statement(
            "INSERT INTO sqlite_stat1(tbl, idx, stat)\nSELECT tbl, idx, stat FROM temp.planctl_statistics p WHERE NOT EXISTS \
             (SELECT 1 FROM sqlite_stat1 s WHERE s.tbl = p.tbl AND s.idx IS p.idx)",
        );
        sql.statement("DROP TABLE temp.planctl_statistics");
    }
}
