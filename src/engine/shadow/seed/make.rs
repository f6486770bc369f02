//! Kinds of value, and one value of each kind per row.

use rusqlite::types::Value;

use super::pattern;
use crate::sample::Random;

/// A kind of value. Those that can take many values take another one in each row, so that a column that will become
/// unique is not in the way of its migration.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Make {
    /// NULL
    Null,
    /// Always this one.
    Fixed(Value),
    /// '', in one row only.
    Empty,
    /// 1, 2, 3, … with gaps.
    Serial,
    /// An integer of any size and sign.
    Integer,
    /// A number with a fraction.
    Real,
    /// Seconds since 1970.
    Seconds,
    /// A word, the row's number, and some digits.
    Word,
    /// Letters, blanks and signs from far outside of ASCII, quotes included.
    Unicode,
    /// 26 characters of Crockford's base 32.
    Ulid,
    /// 36 characters.
    Uuid,
    /// That many hex digits.
    Hex(usize),
    /// `2025-03-04`
    Date,
    /// `2025-03-04T05:06:07Z`
    Instant,
    /// `2025-03-04 05:06:07`, as CURRENT_TIMESTAMP has it.
    Timestamp,
    /// A JSON object.
    Object,
    /// A JSON array.
    Array,
    /// `word7-03af@example.org`
    Email,
    /// `https://example.org/word7-03af`
    Url,
    /// That many digits.
    Digits(usize),
    /// That many letters.
    Letters(usize),
    /// That many bytes.
    Blob(usize),
    /// Text that matches a GLOB pattern.
    Glob(String),
    /// Text that matches a LIKE pattern.
    Like(String),
}

const WORDS: [&str; 8] = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron"];
const UNICODE: [&str; 4] = ["Žluťoučký kůň", "naïve 日本", "o'brien \"x\"", "Ωμέγα ☃"];
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const HEX: &[u8; 16] = b"0123456789abcdef";

impl Make {
    /// The value for row `n` of a table; `None` when this kind has none for it.
    pub(crate) fn value(&self, n: usize, random: &mut Random) -> Option<Value> {
        let text = match self {
            Make::Null => return Some(Value::Null),
            Make::Fixed(value) => return Some(value.clone()),
            Make::Empty if n == 1 => String::new(),
            Make::Empty => return None,
            Make::Serial => return Some(Value::Integer(integer(n * 3 + random.below(3) + 1))),
            Make::Integer => return Some(Value::Integer(any_integer(n, random))),
            Make::Real => return Some(Value::Real(any_real(n, random))),
            Make::Seconds => return Some(Value::Integer(seconds(n, random))),
            Make::Blob(length) => {
                let mut bytes: Vec<u8> = (0..*length).map(|_| random.number().to_le_bytes()[0]).collect();
                // The number of the row makes it another one, whatever the rest is.
                for (byte, mark) in bytes.iter_mut().zip(n.to_le_bytes()) {
                    *byte = mark;
                }
                return Some(Value::Blob(bytes));
            }
            Make::Word => word(n, random),
            Make::Unicode => format!("{} {n}", random.pick(&UNICODE).copied().unwrap_or_default()),
            Make::Ulid => format!("01J{:04}{}", n % 10_000, from(BASE32, 19, random)),
            Make::Uuid => {
                let (a, b, c) = (from(HEX, 8, random), from(HEX, 3, random), from(HEX, 3, random));
                format!("{a}-{:04x}-4{b}-a{c}-{}", n % 0x1_0000, from(HEX, 12, random))
            }
            Make::Hex(length) => fit(format!("{n:04x}{}", from(HEX, *length, random)), *length),
            Make::Date => instant(n, random).get(..10)?.to_owned(),
            Make::Instant => instant(n, random),
            Make::Timestamp => instant(n, random).replace('T', " ").replace('Z', ""),
            Make::Object => format!("{{\"n\":{n},\"name\":\"{}\"}}", word(n, random)),
            Make::Array => format!("[{n},\"{}\"]", word(n, random)),
            Make::Email => format!("{}@example.org", word(n, random)),
            Make::Url => format!("https://example.org/{}", word(n, random)),
            Make::Digits(length) => fit(format!("{n:04}{}", from(&HEX[..10], *length, random)), *length),
            Make::Letters(length) => {
                let marks =
                    n.to_string().bytes().map(|digit| char::from(b'a' + digit % 16)).collect::<String>();
                fit(format!("{marks}{}", from(b"abcdefghijklmnopqrstuvwxyz", *length, random)), *length)
            }
            Make::Glob(glob) => pattern::glob(glob, n)?,
            Make::Like(like) => pattern::like(like, n),
        };
        Some(Value::Text(text))
    }
}

fn integer(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn any_integer(n: usize, random: &mut Random) -> i64 {
    let n = integer(n);
    match random.below(6) {
        0 => -n - 1,
        1 => (1 << 40) + n,
        _ => n * 10 + integer(random.below(10)),
    }
}

fn any_real(n: usize, random: &mut Random) -> f64 {
    let quarters = f64::from(u32::try_from(n * 100 + random.below(100)).unwrap_or(1));
    let sign = if random.one_in(5) { -1.0 } else { 1.0 };
    sign * (quarters / 4.0 + 0.125)
}

/// Another day, from the beginning of 20 February 2025 on.
fn seconds(n: usize, random: &mut Random) -> i64 {
    1_740_009_600 + integer(n) * 86_400 + integer(random.below(86_400))
}

fn instant(n: usize, random: &mut Random) -> String {
    let moment = time::OffsetDateTime::from_unix_timestamp(seconds(n, random));
    let moment = moment.unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    let (date, clock) = (moment.date(), moment.time());
    format!("{date}T{:02}:{:02}:{:02}Z", clock.hour(), clock.minute(), clock.second())
}

/// With a tail that other tables do not have: a migration may put two tables into one.
fn word(n: usize, random: &mut Random) -> String {
    format!("{}{n}-{}", random.pick(&WORDS).copied().unwrap_or_default(), from(HEX, 4, random))
}

fn from(alphabet: &[u8], length: usize, random: &mut Random) -> String {
    (0..length).filter_map(|_| random.pick(alphabet)).map(|&byte| char::from(byte)).collect()
}

/// The first `length` characters; all of them are ASCII.
fn fit(mut text: String, length: usize) -> String {
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_gives_another_value_in_each_row_and_the_same_for_the_same_seed() {
        let kinds = [
            Make::Serial,
            Make::Real,
            Make::Seconds,
            Make::Word,
            Make::Unicode,
            Make::Ulid,
            Make::Uuid,
            Make::Hex(16),
            Make::Date,
            Make::Instant,
            Make::Timestamp,
            Make::Object,
            Make::Array,
            Make::Email,
            Make::Url,
            Make::Digits(6),
            Make::Letters(9),
            Make::Blob(8),
            Make::Integer,
        ];
        let values = |kind: &Make| -> Vec<String> {
            let mut random = Random::new(1, "t");
            (0..200).map(|n| format!("{:?}", kind.value(n, &mut random).unwrap())).collect()
        };
        for kind in &kinds {
            let found = values(kind);
            assert_eq!(found, values(kind));
            let distinct: std::collections::HashSet<_> = found.iter().collect();
            assert_eq!(distinct.len(), found.len(), "{kind:?}");
        }
    }

    #[test]
    fn lengths_are_as_asked() {
        let mut random = Random::new(1, "t");
        let mut length = |kind: Make| match kind.value(12, &mut random) {
            Some(Value::Text(text)) => text.chars().count(),
            Some(Value::Blob(bytes)) => bytes.len(),
            _ => 0,
        };
        assert_eq!(length(Make::Ulid), 26);
        assert_eq!(length(Make::Uuid), 36);
        assert_eq!(length(Make::Date), 10);
        for n in [0, 1, 3, 26, 500] {
            assert_eq!(
                [
                    length(Make::Hex(n)),
                    length(Make::Digits(n)),
                    length(Make::Letters(n)),
                    length(Make::Blob(n))
                ],
                [n; 4]
            );
        }
    }
}
