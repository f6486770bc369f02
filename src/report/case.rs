//! One of many things that a command was about, for the formats that have a line or a case for each.

/// One of many things that a command was about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// A word for how it stands.
    pub state: &'static str,
    /// The version that it is at, where that is known.
    pub version: Option<i64>,
    /// What a test would say of it.
    pub verdict: Verdict,
    /// How it stands, in a few words.
    pub message: String,
}

/// What a test would say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// All is well.
    Passed,
    /// Something was found.
    Failed,
    /// It could not be looked at, or the work failed.
    Error,
    /// Nobody looked at it.
    Skipped,
}
