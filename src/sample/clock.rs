//! ULIDs in time order, and the times that they stand for.

use time::OffsetDateTime;
use ulid::{ULID_LEN, Ulid};

use super::Random;

/// 2026-01-01T00:00:00Z, in milliseconds: the rows are the same whenever they are made.
const START: u64 = 1_767_225_600_000;

/// The longest pause between two ids, in milliseconds.
const LONGEST_PAUSE: usize = 2_000;

/// `2026-01-01T00:00:00.000Z`
const TIME_LEN: usize = 24;

/// The 26 characters of a ULID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UlidText([u8; ULID_LEN]);

/// A moment to the millisecond, as ISO-8601 has it in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TimeText([u8; TIME_LEN]);

impl UlidText {
    /// The text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl TimeText {
    /// The text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    fn of(millis: u64) -> TimeText {
        let seconds = i64::try_from(millis / 1_000).unwrap_or_default();
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut digits = |from: usize, to: usize, mut number: u64| {
            for digit in text.iter_mut().take(to).skip(from).rev() {
                *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
                number /= 10;
            }
        };
        digits(0, 4, u64::try_from(at.year()).unwrap_or_default());
        digits(5, 7, u8::from(at.month()).into());
        digits(8, 10, at.day().into());
        digits(11, 13, at.hour().into());
        digits(14, 16, at.minute().into());
        digits(17, 19, at.second().into());
        digits(20, 23, millis % 1_000);
        TimeText(text)
    }
}

/// Gives ids, each greater than the one before.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    last: Ulid,
}

impl Clock {
    /// A clock that stands at a place of its own for each seed: rows of two seeds have no id in common.
    pub(super) fn new(random: &mut Random) -> Clock {
        Clock { last: at(START, random) }
    }

    /// The next id and its time. One in four falls into the millisecond of the one before, and is then the next greater
    /// number, as monotonic ULIDs are (<https://github.com/ulid/spec#monotonicity>).
    pub(super) fn next(&mut self, random: &mut Random) -> (UlidText, TimeText) {
        self.last = if random.one_in(4) {
            let (Ok(next) | Err(next)) = self.last.increment();
            next
        } else {
            let pause = 1 + u64::try_from(random.below(LONGEST_PAUSE)).unwrap_or_default();
            at(self.last.timestamp_ms() + pause, random)
        };
        let mut text = [0; ULID_LEN];
        self.last.array_to_str(&mut text);
        (UlidText(text), TimeText::of(self.last.timestamp_ms()))
    }
}

/// An id of this time.
fn at(millis: u64, random: &mut Random) -> Ulid {
    Ulid::from_parts(millis, u128::from(random.number()) << 64 | u128::from(random.number()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    proptest! {
        #[test]
        fn ids_ascend_are_valid_and_carry_their_time(seed: u64) {
            let mut random = Random::new(seed, "clock");
            let mut clock = Clock::new(&mut random);
            let mut before = String::new();
            let mut times = BTreeSet::new();
            for _ in 0..200 {
                let (id, time) = clock.next(&mut random);
                prop_assert!(before.as_str() < id.as_str(), "{before} {}", id.as_str());
                before = id.as_str().to_owned();
                let ulid = Ulid::from_string(id.as_str()).unwrap();
                let parsed = OffsetDateTime::parse(time.as_str(), &Rfc3339).unwrap();
                prop_assert_eq!(parsed.unix_timestamp_nanos(), i128::from(ulid.timestamp_ms()) * 1_000_000);
                times.insert(time);
            }
            prop_assert!((100..200).contains(&times.len()), "some share a millisecond: {}", times.len());
        }

        #[test]
        fn a_time_is_written_as_it_is_read(millis in 0_u64..253_402_300_800_000) {
            let parsed = OffsetDateTime::parse(TimeText::of(millis).as_str(), &Rfc3339).unwrap();
            prop_assert_eq!(parsed.unix_timestamp_nanos(), i128::from(millis) * 1_000_000);
        }
    }
}
