//! The ways back that come along, tried as `migrate test` tries them.

use crate::base::error::Result;
use crate::commands::Context;
use crate::commands::migrate::test::DEFAULT_SEED;
use crate::migrations::{MigrationSet, Version};
use crate::report::wire::pair as wire;
use crate::verify::test::tried::{Trial, try_out};
use crate::verify::test::trip::{RoundTrip, TripFailure};

/// The round trips of those that do not lead back. What is wrong with an up is not told here: it was applied.
pub(super) fn that_fail(ctx: &mut Context<'_>, set: &MigrationSet) -> Result<Vec<RoundTrip>> {
    let trial = Trial {
        trips: set.migrations.iter().filter(|one| one.down.is_some()).collect(),
        tests: Vec::new(),
        examples: &[],
        seed: DEFAULT_SEED,
        all_apply: false,
    };
    let mut trips = try_out(ctx, set, &trial)?.trips;
    trips.retain(|trip| of_down(trip, set).is_some());
    Ok(trips)
}

/// The first failure that stands in the way back.
fn of_down<'t>(trip: &'t RoundTrip, set: &MigrationSet) -> Option<&'t TripFailure> {
    let down = set.get(trip.version)?.down.as_ref()?;
    trip.failures().iter().find(|failure| failure.location.file == down.path())
}

/// Whether the way back of a version is one of them.
pub(super) fn fails(trips: &[RoundTrip], version: Version) -> bool {
    trips.iter().any(|trip| trip.version == version)
}

/// As they go on the wire: the first thing that is wrong with each.
pub(super) fn on_wire(trips: &[RoundTrip], set: &MigrationSet) -> Vec<wire::NoWayBack> {
    let first = |trip: &RoundTrip| {
        let failure = of_down(trip, set)?;
        Some(wire::NoWayBack {
            version: trip.version,
            file: failure.location.file.display().to_string(),
            line: failure.location.line,
            message: failure.message.clone(),
        })
    };
    trips.iter().filter_map(first).collect()
}
