//! What a query may be given: types, and texts read as values of them.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::Value;
use crate::base::words::words;
use crate::row_checks::text::{is_ulid, is_uuid};

/// Something that a query may be given.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// Its name: `days`, `:days` in the statement.
    pub name: String,
    /// What it takes.
    pub kind: Type,
    /// What it is when it is not given; without one it has to be given.
    pub default: Option<Default>,
    /// What it means.
    pub description: Option<String>,
}

/// What a parameter is when it is not given.
#[derive(Clone, PartialEq, Debug)]
pub enum Default {
    /// Always the same.
    Value(Value<'static>),
    /// The moment at which the run started, or its day.
    Now,
}

words! {
    /// What a parameter takes.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Type, ALL {
        /// Any text.
        Text = "text",
        /// A whole number of 64 bits.
        Integer = "integer",
        /// A number.
        Real = "real",
        /// `true` or `false`, 1 or 0 in the statement.
        Boolean = "boolean",
        /// A day: 2026-11-20.
        Date = "date",
        /// A moment in UTC: 2026-11-20T12:00:00Z.
        DateTime = "datetime",
        /// A ULID, in upper case in the statement.
        Ulid = "ulid",
        /// A UUID, in lower case in the statement.
        Uuid = "uuid",
    }
}

impl Type {
    /// The word that stands for the moment of the run, where there is one.
    pub fn word_for_now(self) -> Option<&'static str> {
        match self {
            Type::Date => Some("today"),
            Type::DateTime => Some("now"),
            _ => None,
        }
    }

    /// What a text has to look like, to be one of these.
    pub fn form(self) -> &'static str {
        match self {
            Type::Text => "any text",
            Type::Integer => "a whole number, as in 7",
            Type::Real => "a number, as in 0.5",
            Type::Boolean => "true or false",
            Type::Date => "a day, as in 2026-11-20, or today",
            Type::DateTime => "a moment, as in 2026-11-20T12:00:00Z, or a day, or now",
            Type::Ulid => "a ULID: 26 digits and letters without I, L, O and U, the first at most 7",
            Type::Uuid => "a UUID: 8-4-4-4-12 hexadecimal digits",
        }
    }

    /// What SQLite is given for `text`; `None` when it is nothing of this type.
    pub fn read(self, text: &str) -> Option<Value<'static>> {
        match self {
            Type::Text => Some(text.to_owned()),
            Type::Integer => return text.parse().ok().map(Value::Integer),
            Type::Real => {
                return text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Real);
            }
            Type::Boolean => {
                return match text {
                    "true" | "1" => Some(Value::Integer(1)),
                    "false" | "0" => Some(Value::Integer(0)),
                    _ => None,
                };
            }
            Type::Date => moment(text).filter(|_| text.len() == DAY).map(|_| text.to_owned()),
            Type::DateTime => moment(text).and_then(written),
            Type::Ulid => is_ulid(text.as_bytes()).then(|| text.to_ascii_uppercase()),
            Type::Uuid => is_uuid(text.as_bytes()).then(|| text.to_ascii_lowercase()),
        }
        .map(|text| Value::Text(text.into()))
    }

    /// The moment `now` as one of these, to the second; `None` for types that are no time. With a fraction it would be less
    /// than the same second without one, in a comparison of texts: `.` comes before `Z`.
    pub fn at(self, now: OffsetDateTime) -> Option<Value<'static>> {
        let text = written(now.replace_nanosecond(0).ok()?)?;
        match self {
            Type::DateTime => Some(Value::Text(text.into())),
            Type::Date => text.get(..DAY).map(|day| Value::Text(day.to_owned().into())),
            _ => None,
        }
    }
}

/// How long `2026-11-20` is.
const DAY: usize = 10;

/// A day, or a day and a time with or without a zone. What has no zone is UTC, as everything in a database is that
/// compares times as text.
fn moment(text: &str) -> Option<OffsetDateTime> {
    let zoned = match text.get(DAY..)? {
        "" => format!("{text}T00:00:00Z"),
        time if time.ends_with(['Z', 'z']) || time.contains(['+', '-']) => text.to_owned(),
        _ => format!("{text}Z"),
    };
    // In RFC 3339 a space may stand in place of the T.
    let zoned = zoned.replacen(' ', "T", 1);
    // A leap second would become the moment before it; SQLite has none either.
    if zoned.get(16..19) == Some(":60") {
        return None;
    }
    OffsetDateTime::parse(&zoned, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC)
}

/// As SQLite's own functions write it, with T and Z: a fraction stands only where there is one, with three digits, or as
/// many more as it takes to be the same moment.
fn written(moment: OffsetDateTime) -> Option<String> {
    let nanosecond = moment.nanosecond();
    let whole =
        moment.checked_to_offset(UtcOffset::UTC)?.replace_nanosecond(0).ok()?.format(&Rfc3339).ok()?;
    let fraction = match nanosecond {
        0 => return Some(whole),
        n if n % 1_000_000 == 0 => format!("{:03}", n / 1_000_000),
        n if n % 1_000 == 0 => format!("{:06}", n / 1_000),
        n => format!("{n:09}"),
    };
    Some(format!("{}.{fraction}Z", whole.strip_suffix('Z')?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(kind: Type, text: &str) -> Option<String> {
        kind.read(text).map(|value| value.text().into_owned())
    }

    #[test]
    fn a_text_is_read_as_what_its_type_says_or_not_at_all() {
        use Type::{Boolean, Date, DateTime, Integer, Real, Text, Ulid, Uuid};
        for (kind, text, expected) in [
            (Text, "it's; DROP TABLE t --", Some("it's; DROP TABLE t --")),
            (Text, "", Some("")),
            (Integer, "-7", Some("-7")),
            (Integer, "9223372036854775808", None),
            (Integer, "7.0", None),
            (Integer, " 7", None),
            (Integer, "1 OR 1=1", None),
            (Real, "1e3", Some("1000.0")),
            (Real, "inf", None),
            (Real, "NaN", None),
            (Boolean, "true", Some("1")),
            (Boolean, "0", Some("0")),
            (Boolean, "yes", None),
            (Date, "2028-02-29", Some("2028-02-29")),
            (Date, "2026-02-29", None),
            (Date, "2026-11-20T00:00:00Z", None),
            (Date, "26-11-2020", None),
            (DateTime, "2026-11-20", Some("2026-11-20T00:00:00Z")),
            (DateTime, "2026-11-20T12:00:00Z", Some("2026-11-20T12:00:00Z")),
            (DateTime, "2026-11-20 12:00:00", Some("2026-11-20T12:00:00Z")),
            (DateTime, "2026-11-20T12:00:00.5+02:00", Some("2026-11-20T10:00:00.500Z")),
            (DateTime, "2026-11-20T12:00:00.0009Z", Some("2026-11-20T12:00:00.000900Z")),
            (DateTime, "2026-11-20T12:00:00.0000001Z", Some("2026-11-20T12:00:00.000000100Z")),
            (DateTime, "2016-12-31T23:59:60Z", None),
            (DateTime, "2026-11-20T25:00:00Z", None),
            (DateTime, "0000-01-01T00:00:00+14:00", None),
            (DateTime, "yesterday", None),
            (DateTime, "é26-11-200", None),
            (Ulid, "01m4qne6m0gkk9bfa4fsrr9n2m", Some("01M4QNE6M0GKK9BFA4FSRR9N2M")),
            (Ulid, "01M4QNE6M0GKK9BFA4FSRR9N2", None),
            (Ulid, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", Some("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")),
            (Ulid, "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", None),
            (Ulid, "01M4QNE6M0GKK9BFA4FSRR9N2I", None),
            (Uuid, "944782D7-3418-42C5-9B24-10A6F0AE1284", Some("944782d7-3418-42c5-9b24-10a6f0ae1284")),
            (Uuid, "944782d7341842c59b2410a6f0ae1284", None),
            (Uuid, "g44782d7-3418-42c5-9b24-10a6f0ae1284", None),
        ] {
            assert_eq!(read(kind, text).as_deref(), expected, "{} {text:?}", kind.as_str());
        }
    }

    #[test]
    fn only_times_know_a_now_and_it_is_no_less_than_a_row_of_the_same_second() {
        let now = OffsetDateTime::parse("2026-11-20T12:00:00.25Z", &Rfc3339).unwrap();
        let at = |kind: Type| kind.at(now).map(|value| value.text().into_owned());
        assert_eq!(at(Type::DateTime).as_deref(), Some("2026-11-20T12:00:00Z"));
        for row in ["2026-11-20T12:00:00Z", "2026-11-20T12:00:00.250Z", "2026-11-20 12:00:00"] {
            assert!(at(Type::DateTime).as_deref() >= Some(row), "{row}");
        }
        assert_eq!(at(Type::Date).as_deref(), Some("2026-11-20"));
        for kind in Type::ALL {
            assert_eq!(kind.word_for_now().is_some(), kind.at(now).is_some());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_what_was_read_reads_the_same_again(
            text in "\\PC*|[0-9A-Za-z]{26}|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
        ) {
            for kind in Type::ALL {
                if let Some(value) = kind.read(&text) {
                    prop_assert_eq!(kind.read(&value.text()), Some(value.clone()));
                    // An id is the one that was given, whatever its letters look like.
                    if matches!(kind, Type::Ulid | Type::Uuid) {
                        prop_assert!(value.text().eq_ignore_ascii_case(&text));
                    }
                }
            }
        }
    }
}
