//! A specification, against the shipped schema and against itself.

use std::sync::OnceLock;
use std::time::Duration;

use planctl::internals::audit::{Finding, Ledger, compare};
use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::commands::audit;
use planctl::internals::commands::audit::{AuditRequest, AuditSubject, FailOn};
use planctl::internals::engine;
use planctl::internals::schema::Schema;
use planctl::internals::sql::{SqliteVersion, Target};
use planctl::migrate::Migrator;
use time::Date;

use super::place::Place;
use super::run::{command, well};
use super::{files, root, text};

/// The schema that a spec makes audits clean against the spec, and against what `schema dump` writes of it; an audit of
/// another schema ends, and writes nothing.
pub(crate) fn hold(input: &[u8]) {
    let text = text(input);
    let spec = SourceFile::new("spec.sql", text.as_str());
    if let Some(own) = schema(&spec) {
        assert_clean(&spec, &own, "the schema that it makes");
        let dumped = SourceFile::new("dump.sql", planctl::internals::ddl::dump(&own));
        if let Some(copy) = schema(&dumped) {
            assert_clean(&dumped, &copy, "itself, dumped");
        }
    }
    let place = Place::new();
    let db = place.write("live.db", shipped_database());
    let spec = place.write("spec.sql", &text);
    let before = place.picture();
    let request = AuditRequest {
        subject: AuditSubject::Database(db.into()),
        spec,
        deviations: None,
        strict: false,
        baseline: None,
        record: None,
        data: true,
        fail_on: FailOn::Never,
        migrations: None,
        others: Default::default(),
        sqlite_version: SqliteVersion::new(35, 0),
        target: Target::Sqlite,
        lock_timeout: Duration::ZERO,
    };
    command(|ctx| audit::run(ctx, &request));
    assert!(place.picture() == before, "an audit wrote something");
}

fn schema(spec: &SourceFile) -> Option<Schema> {
    well(well(engine::spec_database(spec, Job::quiet()))?.schema())
}

fn assert_clean(spec: &SourceFile, live: &Schema, what: &str) {
    // A schema that is equal to the letter is not compared any further: a comment in front makes it run.
    for text in [spec.text().to_owned(), format!("SELECT 1;\n{}", spec.text())] {
        let spec = SourceFile::new(spec.path(), text);
        let Some(audit) = well(compare(&spec, &Ledger::default(), live, true, Date::MIN)) else { continue };
        // What does not compile is found on both sides alike, and is no difference.
        let differs = |f: &&Finding| !(f.rule.as_str().starts_with("broken-") && f.expected == f.actual);
        let found: Vec<&str> =
            audit.findings.iter().filter(differs).map(|finding| finding.message.as_str()).collect();
        assert!(found.is_empty(), "not clean against {what}: {found:?}");
    }
}

/// The shipped schema with a few rows, as a file.
pub(super) fn shipped_database() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let place = Place::new();
        let db = place.path("live.db");
        planctl::rusqlite::Connection::open(&db)
            .unwrap()
            .execute_batch("PRAGMA page_size = 512; VACUUM;")
            .unwrap();
        drop(Migrator::from_dir(root().join("migrations")).unwrap().up(&db).unwrap());
        std::fs::read(db).unwrap()
    })
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = files("tests/audit_cases", "sql")
        .iter()
        .flat_map(|(name, bytes)| super::cases::read(name, &text(bytes)))
        .flat_map(|case| [case.spec.into_bytes(), case.live.into_bytes()])
        .collect();
    seeds.sort();
    seeds.dedup();
    seeds.push(std::fs::read(root().join("spec/ddl.sql")).unwrap());
    seeds
}
