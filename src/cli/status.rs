//! The exit status, chosen in one place.

use crate::base::error::ErrorKind;
use crate::report::{Outcome, Report};

/// Done, nothing found.
pub const CLEAN: u8 = 0;
/// Something was found.
pub const FINDINGS: u8 = 1;
/// Trouble, usage errors included.
pub const TROUBLE: u8 = 2;
/// After Ctrl-C: 128 + SIGINT, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// The exit status of a report. `signal` is the number of the signal that asked to stop, if one did.
pub fn of(report: &Report, signal: Option<u8>) -> u8 {
    let interrupted = report.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Interrupted);
    match report.outcome {
        _ if interrupted => signal.map_or(INTERRUPTED, |signal| 128 + signal),
        Outcome::Clean => CLEAN,
        Outcome::Findings => FINDINGS,
        Outcome::Trouble => TROUBLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Error;

    #[test]
    fn each_outcome_has_its_status() {
        let of_outcome = |outcome| of(&Report { outcome, ..Report::new("audit") }, None);
        assert_eq!(of_outcome(Outcome::Clean), 0);
        assert_eq!(of_outcome(Outcome::Findings), 1);
        assert_eq!(of_outcome(Outcome::Trouble), 2);
    }

    #[test]
    fn an_interruption_has_the_status_that_shells_give_the_signal() {
        let interrupted = Report::trouble("migrate up", Error::new(ErrorKind::Interrupted, "stopped"));
        assert_eq!(of(&interrupted, Some(2)), 130);
        assert_eq!(of(&interrupted, Some(15)), 143);
        assert_eq!(of(&interrupted, None), 130);
    }

    #[test]
    fn a_signal_that_came_too_late_changes_nothing() {
        assert_eq!(of(&Report::new("migrate up"), Some(2)), 0);
    }
}
