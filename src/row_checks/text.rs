//! Whether a text is what a comment promises. Bytes in, a yes or no out; no allocation.

use super::{TimeOfDay, Timestamp};

/// Whether `text` is a ULID: 26 characters of Crockford's base 32 in either case, at most `7ZZ…`, since the first
/// stands for three bits only (<https://github.com/ulid/spec#overflow-errors-when-parsing-base32-strings>).
pub fn is_ulid(text: &[u8]) -> bool {
    text.len() == 26
        && matches!(text.first(), Some(b'0'..=b'7'))
        && text.iter().all(|byte| {
            byte.is_ascii_alphanumeric() && !matches!(byte.to_ascii_uppercase(), b'I' | b'L' | b'O' | b'U')
        })
}

/// Whether `text` is a UUID: 8-4-4-4-12 hexadecimal digits in either case.
pub fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether `text` is a calendar date with what `wanted` asks for: `2027-06-30`, `2027-06-30T08:00:00.5Z`,
/// `20270630T0800+02`. A space in place of the `T` passes: it is what SQLite's own functions write.
pub fn is_timestamp(text: &[u8], wanted: Timestamp) -> bool {
    let mut rest = text;
    if date(&mut rest).is_none() {
        return false;
    }
    if rest.is_empty() {
        return wanted.time != TimeOfDay::Required;
    }
    if wanted.time == TimeOfDay::Absent || !eat(&mut rest, b"Tt ") || time(&mut rest).is_none() {
        return false;
    }
    match offset(&mut rest) {
        Some(minutes) => rest.is_empty() && (minutes == 0 || !wanted.utc),
        None => false,
    }
}

fn date(rest: &mut &[u8]) -> Option<()> {
    let year = digits(rest, 4)?;
    let extended = eat(rest, b"-");
    let month = digits(rest, 2)?;
    if extended && !eat(rest, b"-") {
        return None;
    }
    let day = digits(rest, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    (1..=days).contains(&day).then_some(())
}

/// `HH`, `HH:MM`, `HH:MM:SS`, `HH:MM:SS.fff`, or without colons.
fn time(rest: &mut &[u8]) -> Option<()> {
    let hour = digits(rest, 2)?;
    let (mut minute, mut second) = (0, 0);
    let extended = eat(rest, b":");
    if extended || rest.first().is_some_and(u8::is_ascii_digit) {
        minute = digits(rest, 2)?;
        let more = if extended { eat(rest, b":") } else { rest.first().is_some_and(u8::is_ascii_digit) };
        if more {
            second = digits(rest, 2)?;
            if eat(rest, b".,") {
                let fraction = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                *rest = rest.get(fraction..)?;
                if fraction == 0 {
                    return None;
                }
            }
        }
    }
    // 60 is a leap second; 24:00:00 is the end of a day.
    let is_time = hour <= 23 && minute <= 59 && second <= 60;
    (is_time || (hour == 24 && minute == 0 && second == 0)).then_some(())
}

/// Minutes from UTC; none written is none.
fn offset(rest: &mut &[u8]) -> Option<u32> {
    if rest.is_empty() || eat(rest, b"Zz") {
        return Some(0);
    }
    if !eat(rest, b"+-") {
        return None;
    }
    let hours = digits(rest, 2)?;
    let minutes = if eat(rest, b":") || !rest.is_empty() { digits(rest, 2)? } else { 0 };
    (hours <= 23 && minutes <= 59).then_some(hours * 60 + minutes)
}

/// The number that the next `count` digits are.
fn digits(rest: &mut &[u8], count: usize) -> Option<u32> {
    let (number, after) = rest.split_at_checked(count)?;
    *rest = after;
    number.iter().try_fold(0, |n, byte| byte.is_ascii_digit().then(|| n * 10 + u32::from(byte - b'0')))
}

fn eat(rest: &mut &[u8], any: &[u8]) -> bool {
    let found = rest.first().is_some_and(|byte| any.contains(byte));
    if found {
        *rest = rest.get(1..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANY: Timestamp = Timestamp { time: TimeOfDay::Optional, utc: false };
    const UTC: Timestamp = Timestamp { time: TimeOfDay::Required, utc: true };
    const DATE: Timestamp = Timestamp { time: TimeOfDay::Absent, utc: false };

    #[test]
    fn ulids_are_told_from_what_looks_like_one() {
        for good in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"]
        {
            assert!(is_ulid(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "01ARZ3NDEKTSV4RRFFQ69G5FA",
            "01ARZ3NDEKTSV4RRFFQ69G5FAVX",
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "01ARZ3NDEKTSV4RRFFQ69G5FAU",
            "01ARZ3NDEKTSV4RRFFQ69G5FA\0",
            "01ARZ3NDEKTSV4RRFFQ69G5FA ",
        ] {
            assert!(!is_ulid(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn timestamps_have_the_parts_that_are_asked_for() {
        for (text, any, utc, date) in [
            ("2027-06-30", true, false, true),
            ("20270630", true, false, true),
            ("2024-02-29", true, false, true),
            ("2023-02-29", false, false, false),
            ("2000-02-29T00:00Z", true, true, false),
            ("1900-02-29", false, false, false),
            ("2027-06-30T08:00:00Z", true, true, false),
            ("2027-06-30 08:00:00", true, true, false),
            ("2027-06-30T08:00:00.123456Z", true, true, false),
            ("2027-06-30T08:00:00+00:00", true, true, false),
            ("2027-06-30T08:00:00+02:00", true, false, false),
            ("20270630T080000-0530", true, false, false),
            ("2027-06-30T24:00:00Z", true, true, false),
            ("2027-06-30T24:00:01Z", false, false, false),
            ("2027-06-30T08:60:00Z", false, false, false),
            ("2027-06-30T08:00:00.Z", false, false, false),
            ("2027-06-30T08:00:00ZZ", false, false, false),
            ("2027-06-30T", false, false, false),
            ("2027-13-01", false, false, false),
            ("2027-0630", false, false, false),
            ("yesterday", false, false, false),
            ("", false, false, false),
        ] {
            let found = [ANY, UTC, DATE].map(|wanted| is_timestamp(text.as_bytes(), wanted));
            assert_eq!(found, [any, utc, date], "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_the_crates_write_passes_and_no_bytes_panic(n in any::<u128>(), bytes in any::<Vec<u8>>(), flip in 0usize..26) {
            let mut ulid = ulid::Ulid::from(n).to_string().into_bytes();
            prop_assert!(is_ulid(&ulid));
            ulid[flip] = b'-';
            prop_assert!(!is_ulid(&ulid));
            let hex = format!("{n:032x}");
            let uuid = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
            prop_assert!(is_uuid(uuid.as_bytes()));
            prop_assert!(!is_uuid(hex.as_bytes()));
            is_ulid(&bytes);
            is_uuid(&bytes);
            is_timestamp(&bytes, ANY);
        }
    }
}
