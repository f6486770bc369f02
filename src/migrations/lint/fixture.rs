//! An example of what a rule finds, and of what it does not.

use crate::sql::SqliteVersion;

/// A migration, and the lines at which rules find something.
pub(super) struct Fixture {
    pub(super) up: &'static str,
    pub(super) down: Option<&'static str>,
    pub(super) sqlite: SqliteVersion,
    pub(super) tested: bool,
    /// Rule, and line of the up file.
    pub(super) in_up: &'static [(&'static str, usize)],
    /// Rule, and line of the down file.
    pub(super) in_down: &'static [(&'static str, usize)],
}

impl Fixture {
    pub(super) const fn good(up: &'static str) -> Fixture {
        Fixture {
            up,
            down: Some("SELECT 1;"),
            sqlite: SqliteVersion::new(35, 0),
            tested: false,
            in_up: &[],
            in_down: &[],
        }
    }

    pub(super) const fn bad(up: &'static str, in_up: &'static [(&'static str, usize)]) -> Fixture {
        Fixture { in_up, ..Fixture::good(up) }
    }

    pub(super) const fn down(self, down: Option<&'static str>) -> Fixture {
        Fixture { down, ..self }
    }

    pub(super) const fn bad_down(self, in_down: &'static [(&'static str, usize)]) -> Fixture {
        Fixture { in_down, ..self }
    }

    pub(super) const fn sqlite(self, minor: u16) -> Fixture {
        Fixture { sqlite: SqliteVersion::new(minor, 0), ..self }
    }

    pub(super) const fn tested(self) -> Fixture {
        Fixture { tested: true, ..self }
    }
}
