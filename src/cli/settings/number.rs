//! Versions and counts as they are typed.

use std::num::NonZeroU32;
use std::str::FromStr;

use crate::migrations::Version;

/// Reads a version: `7`, and also `V7` or `V7__name` as it stands in listings. 0 is one, too: that of a `V0`, or the state
/// before all of them.
///
/// # Errors
/// A message for the user when it is none.
pub(crate) fn version(text: &str) -> Result<Version, String> {
    let number =
        text.strip_prefix(['V', 'v']).map_or(text, |rest| rest.split("__").next().unwrap_or_default());
    number.parse().ok().filter(|version| *version >= 0).ok_or_else(|| {
        "a version is a whole number, such as 7; `planctl migrate status` lists them".to_owned()
    })
}

/// Reads a count of at least 1.
///
/// # Errors
/// A message for the user when it is none.
pub(crate) fn count(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| "it has to be a whole number from 1 up".to_owned())
}

/// A number, or a share of all: `3`, `5%`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Share {
    /// So many.
    Count(u32),
    /// So many of a hundred.
    Percent(u32),
}

impl Share {
    /// How many that are of `total`; of a share at least one.
    pub(crate) fn of(self, total: usize) -> usize {
        match self {
            Share::Count(count) => count as usize,
            Share::Percent(percent) => (total * percent as usize).div_ceil(100).max(1),
        }
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Share, String> {
        let share = match text.strip_suffix('%') {
            Some(percent) => percent.parse().ok().filter(|percent| *percent <= 100).map(Share::Percent),
            None => text.parse().ok().map(Share::Count),
        };
        share
            .filter(|share| !matches!(share, Share::Count(0) | Share::Percent(0)))
            .ok_or_else(|| "it has to be a whole number from 1 up, or a share as in 5%".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_or_so_many_of_a_hundred() {
        let of = |text: &str, total| text.parse::<Share>().map(|share| share.of(total));
        assert_eq!([of("3", 10), of("10%", 250), of("1%", 5), of("100%", 7)], [Ok(3), Ok(25), Ok(1), Ok(7)]);
        for wrong in ["0", "0%", "101%", "x", "", "%", "-1", "1.5%"] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_version_is_read_as_it_stands_in_listings_too() {
        for text in ["7", "V7", "v7", "V7__align_plans_schema", "V007__x"] {
            assert_eq!(version(text), Ok(7), "{text}");
        }
        assert_eq!((version("0"), version("V0__a")), (Ok(0), Ok(0)));
        for text in ["", "-1", "V", "seven", "7__x", "V7.1", "9223372036854775808", "__7"] {
            assert!(version(text).is_err(), "{text}");
        }
        assert_eq!(count("3"), Ok(NonZeroU32::new(3).unwrap()));
        assert!(count("0").is_err() && count("x").is_err());
    }
}
