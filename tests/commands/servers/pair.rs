//! A server beside a file with the same schema and rows.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::run;
use super::server::{Kind, Server};
use crate::harness::Run;

/// A server and a file that have run the same script.
pub(crate) struct Pair {
    pub(crate) server: Server,
    pub(crate) file: PathBuf,
}

impl Pair {
    /// `None` where the server is not here.
    pub(crate) fn with(kind: Kind, dir: &Path, script: &str) -> Option<Pair> {
        let server = Server::start(kind)?;
        let file = dir.join(format!("{kind:?}.db"));
        drop(std::fs::remove_file(&file));
        let pair = Pair { server, file };
        pair.execute(script);
        Some(pair)
    }

    pub(crate) fn execute(&self, script: &str) {
        self.server.execute(&format!("PRAGMA foreign_keys = OFF; {script}")).unwrap();
        let conn = Connection::open(&self.file).unwrap();
        conn.execute_batch(&format!("PRAGMA foreign_keys = OFF; {script}")).unwrap();
    }

    /// Runs a statement on the file.
    pub(crate) fn text(&self, asked: &str) -> String {
        let conn = Connection::open(&self.file).unwrap();
        let mut statement = conn.prepare(asked).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.collect::<Result<Vec<_>, _>>().unwrap().join(" ")
    }

    /// The rows of a table as literals, which have to be the same on both.
    pub(crate) fn rows(&self, table: &str, columns: &[&str]) -> String {
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
        let asked = format!("SELECT {} FROM {table} ORDER BY 1", quoted.join(" || '|' || "));
        let (there, here) = (self.server.text(&asked), self.text(&asked));
        assert_eq!(there, here, "{:?} {table}", self.server.kind);
        there
    }

    /// Runs a command on both, with `DB` in the arguments for the database, and compares all that is said.
    pub(crate) fn same(&self, dir: &Path, args: &[&str]) -> Run {
        let [there, here] = [self.server.url(), self.file.display().to_string()].map(|db| {
            let all: Vec<String> = args.iter().map(|arg| arg.replace("DB", &db)).collect();
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let run = run(dir, &all);
            (run.status, plain(&run.stdout, &db), plain(&run.stderr, &db), run)
        });
        let kind = self.server.kind;
        assert_eq!(there.0, here.0, "{kind:?} {args:?}: {}{}", there.3.stdout, there.3.stderr);
        for (there, here) in [(&there.1, &here.1), (&there.2, &here.2)] {
            let differs = there.lines().zip(here.lines()).find(|(there, here)| there != here);
            assert_eq!(differs, None, "{kind:?} {args:?}");
            assert_eq!(there.lines().count(), here.lines().count(), "{kind:?} {args:?}: {there}\n{here}");
        }
        there.3
    }
}

/// Without what is of one run, and of one place.
fn plain(text: &str, db: &str) -> String {
    let lines = text.replace(db, "DB");
    let of_a_run = |line: &&str| !line.contains(", run ") && !line.contains("\"run_id\"");
    lines.lines().filter(of_a_run).collect::<Vec<_>>().join("\n")
}
