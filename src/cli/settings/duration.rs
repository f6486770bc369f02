//! Durations as they are typed: `500ms`, `30s`, `2m`, `1h`.

use std::time::Duration;

/// Reads a duration; a bare number is seconds.
///
/// # Errors
/// A message for the user when it is none.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let no_duration = || "a duration looks like 500ms, 30s or 2m".to_owned();
    let number: u64 = number.parse().map_err(|_| no_duration())?;
    let millis = match unit.trim_start() {
        "ms" => Some(number),
        "" | "s" => number.checked_mul(1_000),
        "m" | "min" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => return Err(no_duration()),
    };
    // SQLite's busy timeout is a number of milliseconds in 31 bits.
    millis
        .filter(|&millis| millis <= i32::MAX as u64)
        .map(Duration::from_millis)
        .ok_or_else(|| "the duration is longer than 24 days".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read_and_a_bare_number_is_seconds() {
        for (text, millis) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("30", 30_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("0", 0),
            ("5 s", 5_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "s", "-1s", "1.5s", "1d", "99999999999999999999", "99999999h", "1000h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
