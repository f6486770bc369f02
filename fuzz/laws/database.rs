//! Any bytes as the database of the commands that read.
//!
//! An input's first byte says how many files it is: the database alone, or with a log or a journal beside it. Two more
//! bytes then say where the second begins, in units of 512 bytes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use planctl::internals::commands::audit::{AuditRequest, AuditSubject, FailOn};
use planctl::internals::commands::backfill::BackfillRequest;
use planctl::internals::commands::migrate::{Mode, status, up};
use planctl::internals::commands::schema::{docs, dump};
use planctl::internals::commands::{audit, backfill};
use planctl::internals::sql::{SqliteVersion, Target};
use planctl::roots::{BackfillSpec, OnCycle, OnOrphan};
use planctl::rusqlite::Connection;

use super::place::Place;
use super::root;
use super::run::command;
use super::spec::shipped_database;

/// No panic, an end, and every file as before, with none beside.
pub(crate) fn hold(input: &[u8]) {
    let Some((kind, bytes)) = input.split_first() else { return };
    let place = Place::new();
    let db = place.path("live.db");
    match (kind % 4, bytes) {
        (beside @ (1 | 2), [high, low, bytes @ ..]) => {
            let at = usize::from(u16::from_be_bytes([*high, *low])) * 512;
            let (bytes, second) = bytes.split_at(at.min(bytes.len()));
            place.write("live.db", bytes);
            place.write(if beside == 1 { "live.db-wal" } else { "live.db-journal" }, second);
        }
        _ => drop(place.write("live.db", bytes)),
    }
    let before = place.picture();
    for command in COMMANDS {
        command(&db);
        assert!(place.picture() == before, "a command that reads wrote something");
    }
}

const COMMANDS: [fn(&Path); 6] = [
    |db| {
        let migrations = root().join("migrations");
        let request = status::StatusRequest {
            db: db.into(),
            migrations,
            check: true,
            others: Default::default(),
            accept_whitespace: false,
            lock_timeout: Duration::ZERO,
        };
        command(|ctx| status::run(ctx, &request));
    },
    |db| {
        let request = AuditRequest {
            subject: AuditSubject::Database(db.into()),
            spec: root().join("spec/ddl.sql"),
            deviations: Some(root().join("spec/deviations.toml")),
            strict: false,
            baseline: None,
            record: None,
            data: true,
            fail_on: FailOn::Warning,
            migrations: None,
            others: Default::default(),
            sqlite_version: SqliteVersion::new(35, 0),
            target: Target::Sqlite,
            lock_timeout: Duration::ZERO,
        };
        command(|ctx| audit::run(ctx, &request));
    },
    |db| {
        drop(command(|ctx| {
            dump::run(ctx, &dump::DumpRequest { source: db.into(), others: <_>::default(), spec: None })
        }))
    },
    |db| {
        let format = docs::format_of("page.html".as_ref());
        command(|ctx| {
            docs::run(
                ctx,
                &docs::DocsRequest { source: db.into(), others: <_>::default(), spec: None, format },
            )
        });
    },
    |db| {
        for [table, id, parent, root] in
            [["v3_plans", "plan_id", "parent_plan_id", "root_plan_id"], ["t", "a", "b", "c"]]
        {
            let spec = BackfillSpec {
                table: table.into(),
                id: id.into(),
                parent: parent.into(),
                root: root.into(),
                on_cycle: OnCycle::Skip,
                on_orphan: OnOrphan::SelfRoot,
                recompute: true,
            };
            let request =
                BackfillRequest { db: db.into(), spec, dry_run: true, lock_timeout: Duration::ZERO };
            command(|ctx| backfill::run(ctx, &request));
        }
    },
    |db| {
        let request = up::UpRequest {
            db: db.into(),
            migrations: root().join("migrations"),
            to: None,
            mode: Mode::DryRun,
            lock_timeout: Duration::ZERO,
            allow_destructive: false,
            clean: None,
        };
        command(|ctx| up::run(ctx, &request, &mut |_| None));
    },
];

const TREE: &str = "CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT, c TEXT);
    INSERT INTO t VALUES ('a', NULL, NULL), ('b', 'a', 'x'), ('c', 'd', NULL), ('d', 'c', NULL), ('e', 'gone', '');";

/// Small databases with each kind of object, in both journal modes, and a log and a hot journal as a crash leaves them.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![alone(shipped_database()), alone(b""), alone(b"SQLite format 3\0")];
    for sql in [
        TREE,
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b INT REFERENCES t, c INT CHECK (c > 0)) STRICT;
         CREATE INDEX i ON t (b) WHERE c > 1; CREATE INDEX j ON t (b + c);
         INSERT INTO t VALUES (1, NULL, 1), (2, 1, NULL), (3, 3, 7);",
        "CREATE TABLE t (a TEXT, b BLOB, c GENERATED ALWAYS AS (a || b), PRIMARY KEY (a)) WITHOUT ROWID;
         CREATE VIEW v AS SELECT a, count(*) FROM t GROUP BY a; INSERT INTO t VALUES ('x', x'00');
         CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET b = 1; END;",
        "CREATE VIRTUAL TABLE f USING fts5 (x); INSERT INTO f VALUES ('some words');",
        "CREATE TABLE refinery_schema_history (version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255),
             checksum VARCHAR(255));
         INSERT INTO refinery_schema_history VALUES (1, 'actions', '2024-01-01T00:00:00Z', '1');",
    ] {
        for settings in ["", "PRAGMA encoding = 'UTF-16le';", "PRAGMA auto_vacuum = 1;"] {
            let place = Place::new();
            let db = small(&place, &format!("{settings}{sql}"));
            drop(db);
            seeds.push(alone(&fs::read(place.path("live.db")).unwrap()));
        }
    }
    let place = Place::new();
    let db = small(&place, "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;");
    db.execute_batch(TREE).unwrap();
    seeds.push(with(&place, 1, "live.db-wal"));
    let place = Place::new();
    let db = small(&place, TREE);
    db.execute_batch("PRAGMA cache_size = 1; BEGIN; UPDATE t SET b = hex(randomblob(900));").unwrap();
    seeds.push(with(&place, 2, "live.db-journal"));
    seeds
}

fn small(place: &Place, sql: &str) -> Connection {
    let db = Connection::open(place.path("live.db")).unwrap();
    db.execute_batch(&format!("PRAGMA page_size = 512; {sql}")).unwrap();
    db
}

fn alone(bytes: &[u8]) -> Vec<u8> {
    [&[0], bytes].concat()
}

fn with(place: &Place, kind: u8, name: &str) -> Vec<u8> {
    let (first, second) = (fs::read(place.path("live.db")).unwrap(), fs::read(place.path(name)).unwrap());
    let at = u16::try_from(first.len() / 512).unwrap().to_be_bytes();
    [[kind].as_slice(), &at, &first, &second].concat()
}
