//! An application that brings its database up to date when it starts.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use planctl::Auditor;
use planctl::error::Error;

const SPEC: &str = include_str!("../../../spec/ddl.sql");
const LEDGER: &str = include_str!("../../../spec/deviations.toml");

/// Migrates the database and looks whether its schema is what it should be; gives the version and the number of differences
/// that nobody has documented.
fn start(db: &str) -> Result<(Option<String>, usize), Error> {
    let run = planctl::embedded!()?.up(db)?;
    let auditor =
        Auditor::from_text("spec/ddl.sql", SPEC).deviations_from_text("spec/deviations.toml", LEDGER);
    let findings = auditor.run(db)?.audit.findings;
    let open = findings.iter().filter(|finding| finding.is_open()).count();
    Ok((run.after.map(|version| version.to_string()), open))
}

fn main() -> ExitCode {
    let db = std::env::args().nth(1).unwrap_or_else(|| "example.db".to_owned());
    match start(&db) {
        Ok((version, open)) => {
            println!("{db} is at version {}, {open} open differences", version.unwrap_or_default());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprint!("{}", error.rendered());
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each file of the folder is in the program: the schema is the specification's.
    #[test]
    fn the_program_has_all_migrations_of_the_folder() {
        let db = std::env::temp_dir().join(format!("planctl-example-{}.db", std::process::id()));
        let started = start(&db.display().to_string());
        std::fs::remove_file(&db).expect("a database");
        let ups = std::fs::read_dir("../../migrations").expect("the folder").filter_map(|entry| {
            let name = entry.expect("an entry").file_name().into_string().expect("a name");
            let up = name.ends_with(".sql") && !name.ends_with(".down.sql");
            up.then(|| {
                name.trim_start_matches('V')
                    .split("__")
                    .next()
                    .unwrap_or_default()
                    .parse::<u32>()
                    .expect("a version")
            })
        });
        let newest = ups.max().expect("a migration").to_string();
        assert_eq!(started.map_err(|error| error.rendered()), Ok((Some(newest), 0)));
    }
}
