//! The audit's cases: each file of `tests/audit_cases` is a pair of schemas and what the audit says of it.
//!
//! A file has the sections `-- spec`, `-- live` and, for each finding expected, a line
//! `-- expect: SEVERITY RULE OBJECT` (OBJECT is the finding's table, or table and name with a dot between). A line
//! `-- note: TEXT` asks for a message with that text. What stands below `-- reversed` is expected when spec and database
//! change places.

use std::fs;
use std::path::Path;

/// A pair, in one of its directions.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The file's name, and which direction.
    pub(crate) name: String,
    pub(crate) spec: String,
    pub(crate) live: String,
    /// The findings, sorted.
    pub(crate) expected: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// The cases of every file, by name: as it stands, and reversed where it says what is expected then.
pub(crate) fn cases() -> Vec<Case> {
    files().iter().flat_map(|(name, text)| read(name, text)).collect()
}

/// Every pair as it stands in its file.
pub(crate) fn pairs() -> Vec<Case> {
    files().iter().filter_map(|(name, text)| read(name, text).into_iter().next()).collect()
}

/// Names and texts of the case files; `PLANCTL_CASES` names another folder.
fn files() -> Vec<(String, String)> {
    let dir = std::env::var_os("PLANCTL_CASES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit_cases"), Into::into);
    let mut files: Vec<(String, String)> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// The cases of one file.
pub(crate) fn read(name: &str, text: &str) -> Vec<Case> {
    let case =
        |name| Case { name, spec: String::new(), live: String::new(), expected: vec![], notes: vec![] };
    let mut here = case(name.to_owned());
    let mut reversed: Option<Case> = None;
    let mut section: Option<fn(&mut Case) -> &mut String> = None;
    for line in text.lines() {
        let told = reversed.as_mut().unwrap_or(&mut here);
        match line {
            "-- spec" => section = Some(|case| &mut case.spec),
            "-- live" => section = Some(|case| &mut case.live),
            "-- reversed" => {
                section = None;
                reversed = Some(case(format!("{name}, reversed")));
            }
            _ => {
                if let Some(finding) = line.strip_prefix("-- expect: ") {
                    told.expected.push(finding.trim().to_owned());
                } else if let Some(note) = line.strip_prefix("-- note: ") {
                    told.notes.push(note.trim().to_owned());
                } else if let Some(section) = section {
                    let section = section(&mut here);
                    section.push_str(line);
                    section.push('\n');
                } else {
                    assert!(line.is_empty(), "{name}: `{line}` stands in no section");
                }
            }
        }
    }
    here.expected.sort();
    if let Some(reversed) = &mut reversed {
        reversed.expected.sort();
        (reversed.spec, reversed.live) = (here.live.clone(), here.spec.clone());
    }
    [Some(here), reversed].into_iter().flatten().collect()
}
