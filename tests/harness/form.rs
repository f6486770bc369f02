//! The two forms of a suite that tries things out by the hundred: the short one, which `cargo test` takes, and the long
//! one, which `.ci/run` takes (`PLANCTL_LONG=1`).

/// What the form that is asked for takes.
pub(crate) fn form<T>(short: T, long: T) -> T {
    if std::env::var_os("PLANCTL_LONG").is_some() { long } else { short }
}

/// How many random cases there are: as many as `PROPTEST_CASES` says, else as the form has it.
pub(crate) fn case_count(short: u32, long: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    asked.unwrap_or(form(short, long))
}

/// How many rounds there are: as many as `PLANCTL_ROUNDS` says, else as the form has it.
pub(crate) fn round_count(short: usize, long: usize) -> usize {
    let asked = std::env::var("PLANCTL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    asked.unwrap_or(form(short, long))
}
