//! When two stored values are the same key: the rules of SQLite's `=` between two columns
//! (<https://www.sqlite.org/datatype3.html#comparison_expressions>), with the id column's collation.

use rusqlite::types::ValueRef;

use crate::backfill::Id;

/// SQLite's own collations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Collation {
    Binary,
    NoCase,
    RTrim,
}

impl Collation {
    pub(crate) fn from_name(name: &str) -> Option<Collation> {
        match name.to_ascii_uppercase().as_str() {
            "BINARY" => Some(Collation::Binary),
            "NOCASE" => Some(Collation::NoCase),
            "RTRIM" => Some(Collation::RTrim),
            _ => None,
        }
    }
}

/// How values of two columns are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) collation: Collation,
    /// Whether one of the columns has a numeric affinity, so that text which is a number counts as that number.
    pub(crate) numeric: bool,
}

/// What is left of a value after the rule's conversions: equal values have equal keys, and only they.
#[derive(Clone, Copy, PartialEq)]
enum Comparable<'a> {
    Null,
    Integer(i64),
    /// Not integral, or outside the integers' range. Never NaN: SQLite stores that as NULL.
    Real(f64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

impl Rule {
    fn key<'a>(self, value: ValueRef<'a>) -> Comparable<'a> {
        match value {
            ValueRef::Null => Comparable::Null,
            ValueRef::Integer(value) => Comparable::Integer(value),
            ValueRef::Real(value) => real(value),
            ValueRef::Blob(bytes) => Comparable::Blob(bytes),
            ValueRef::Text(bytes) => self.numeric.then(|| number(bytes)).flatten().unwrap_or_else(|| {
                Comparable::Text(match self.collation {
                    Collation::RTrim => bytes.trim_suffix_spaces(),
                    _ => bytes,
                })
            }),
        }
    }

    /// The integer to which `value` is equal.
    pub(crate) fn integer(self, value: ValueRef<'_>) -> Option<i64> {
        match self.key(value) {
            Comparable::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// Whether `a = b`. NULL is the same as nothing, itself included.
    pub(crate) fn same(self, a: ValueRef<'_>, b: ValueRef<'_>) -> bool {
        if let (ValueRef::Text(a), ValueRef::Text(b)) = (a, b)
            && a == b
        {
            return true;
        }
        match (self.key(a), self.key(b)) {
            (Comparable::Null, Comparable::Null) => false,
            (Comparable::Text(a), Comparable::Text(b)) if self.collation == Collation::NoCase => {
                a.len() == b.len() && up_to_nul(a).eq_ignore_ascii_case(up_to_nul(b))
            }
            (a, b) => a == b,
        }
    }

    /// A hash that is the same for values that are the same.
    pub(crate) fn hash(self, value: ValueRef<'_>, seed: u64) -> u64 {
        match self.key(value) {
            Comparable::Null => seed,
            Comparable::Integer(value) => fold(seed ^ 1, value as u64),
            Comparable::Real(value) => fold(seed ^ 2, value.to_bits()),
            Comparable::Text(bytes) if self.collation == Collation::NoCase => {
                words(seed ^ bytes.len() as u64, up_to_nul(bytes), |mut word| {
                    word.make_ascii_lowercase();
                    word
                })
            }
            Comparable::Text(bytes) => words(seed ^ bytes.len() as u64, bytes, |word| word),
            Comparable::Blob(bytes) => words(!seed ^ bytes.len() as u64, bytes, |word| word),
        }
    }
}

/// NOCASE looks no further than the first NUL, but counts the bytes behind it (`sqlite3StrNICmp`); the conversion to a
/// number does not even count them (`sqlite3AtoF`), and yields a real (`sqlite3Atoi64` does see them).
fn up_to_nul(bytes: &[u8]) -> &[u8] {
    bytes.iter().position(|&b| b == 0).map_or(bytes, |end| &bytes[..end])
}

trait TrimSuffix {
    fn trim_suffix_spaces(&self) -> &Self;
}

impl TrimSuffix for [u8] {
    /// RTRIM looks past spaces, not past other white space.
    fn trim_suffix_spaces(&self) -> &[u8] {
        let len = self.iter().rposition(|&b| b != b' ').map_or(0, |last| last + 1);
        &self[..len]
    }
}

/// A real that is an integer is that integer: SQLite compares the two exactly.
fn real(value: f64) -> Comparable<'static> {
    // 2^63; the cast below is exact for integral values within.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if value.fract() == 0.0 && (-LIMIT..LIMIT).contains(&value) {
        Comparable::Integer(value as i64)
    } else {
        Comparable::Real(value)
    }
}

/// The number that NUMERIC affinity makes of `text`, when the whole of it, up to the first NUL, is one.
fn number(text: &[u8]) -> Option<Comparable<'static>> {
    let whole = text.len();
    let text = up_to_nul(text);
    let nul = text.len() < whole;
    let is_space = |b: &u8| matches!(b, b' ' | 0x09..=0x0d);
    let start = text.iter().position(|b| !is_space(b))?;
    let end = text.iter().rposition(|b| !is_space(b))? + 1;
    let text = std::str::from_utf8(text.get(start..end)?).ok()?;
    // Rust's own syntax of numbers is SQLite's, and "inf", "nan" and their like.
    if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
        return None;
    }
    match text.parse::<i64>() {
        Ok(value) if !nul => Some(Comparable::Integer(value)),
        _ => text.parse::<f64>().ok().map(real),
    }
}

/// A folded multiplication: both halves of the product depend on all bits of both factors.
#[inline]
pub(crate) fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x9e37_79b9_7f4a_7c15) * u128::from(b ^ 0xd1b5_4a32_d192_ed03);
    (product as u64) ^ ((product >> 64) as u64)
}

fn words(seed: u64, bytes: &[u8], map: impl Fn([u8; 8]) -> [u8; 8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let hash = chunks.iter().fold(seed, |hash, &chunk| fold(hash, u64::from_le_bytes(map(chunk))));
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    fold(hash, u64::from_le_bytes(map(last)))
}

/// A stored value as an id that can be shown.
pub(crate) fn to_id(value: ValueRef<'_>) -> Id {
    match value {
        ValueRef::Null => Id::Null,
        ValueRef::Integer(value) => Id::Integer(value),
        ValueRef::Real(value) => Id::Real(value),
        ValueRef::Text(bytes) => Id::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Id::Blob(bytes.to_vec()),
    }
}

/// Whether a parent or root counts as not given: NULL or `''`.
pub(crate) fn is_empty(value: ValueRef<'_>) -> bool {
    matches!(value, ValueRef::Null | ValueRef::Text(b""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;
    use rusqlite::types::Value;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            "[aA1 \0\u{e9}\u{c9}]{0,4}",
            "[ \t]{0,1}[+-]?[0-9]{0,3}[.]?[0-9]{0,2}([eE][+-]?[0-9]{1,2})?[ \n]{0,2}x?",
            prop::sample::select(vec![
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775808",
                "1e18",
                "0x10",
                "inf",
                "nan",
                "-0",
                "0.0",
                ".",
                "+",
                "1_0",
                "5.",
                ".5",
                "1e",
                "infinity"
            ])
            .prop_map(str::to_owned),
        ];
        let integer = prop_oneof![-20_i64..200, Just(i64::MAX), Just(i64::MIN), Just(i64::MAX - 1)];
        prop_oneof![
            1 => Just(Value::Null),
            4 => integer.clone().prop_map(Value::Integer),
            3 => integer.prop_map(|i| Value::Real(i as f64)),
            2 => prop::sample::select(vec![0.5, -0.0, 1e300, 1e-300, 9.3e18, 12.25]).prop_map(Value::Real),
            8 => text.prop_map(Value::Text),
            2 => "[aA1 ]{0,2}".prop_map(|s| Value::Blob(s.into_bytes())),
        ]
    }

    /// SQLite is asked about the same two values, and about near relations of the first.
    fn agrees(a: &Value, b: &Value) {
        let conn = Connection::open_in_memory().unwrap();
        for collation in ["BINARY", "NOCASE", "RTRIM"] {
            for (id, other) in [
                ("TEXT", "TEXT"),
                ("TEXT", "INTEGER"),
                ("INTEGER", "TEXT"),
                ("BLOB", "TEXT"),
                ("REAL", "BLOB"),
            ] {
                conn.execute_batch(&format!(
                    "DROP TABLE IF EXISTS t; CREATE TABLE t(id {id} COLLATE {collation}, other {other})"
                ))
                .unwrap();
                conn.execute("INSERT INTO t VALUES(?1, ?2)", (a, b)).unwrap();
                let rule = Rule {
                    collation: Collation::from_name(collation).unwrap(),
                    numeric: [id, other].iter().any(|t| matches!(*t, "INTEGER" | "REAL")),
                };
                conn.query_row(
                    &format!("SELECT id, other, coalesce(other = id COLLATE {collation}, 0) FROM t"),
                    [],
                    |row| {
                        let (id_value, other_value) = (row.get_ref(0)?, row.get_ref(1)?);
                        let expected: bool = row.get(2)?;
                        let context = format!("{collation} {id} {id_value:?} {other} {other_value:?}");
                        assert_eq!(rule.same(id_value, other_value), expected, "{context}");
                        assert_eq!(rule.same(other_value, id_value), expected, "{context}");
                        if expected {
                            assert_eq!(rule.hash(id_value, 7), rule.hash(other_value, 7), "{context}");
                        }
                        Ok(())
                    },
                )
                .unwrap();
            }
        }
    }

    fn relatives(value: &Value) -> Vec<Value> {
        let mut found = vec![value.clone()];
        match value {
            Value::Integer(i) => {
                found.extend([
                    Value::Real(*i as f64),
                    Value::Text(i.to_string()),
                    Value::Text(format!(" {i}.0")),
                ]);
            }
            Value::Real(r) => found.extend([Value::Real(-r), Value::Text(format!("{r:e}"))]),
            Value::Text(s) => found.extend([
                Value::Text(s.to_uppercase()),
                Value::Text(s.to_ascii_lowercase()),
                Value::Text(format!("{s} ")),
                Value::Text(format!("{s}\0b")),
                Value::Text(s.replace("\0A", "\0a")),
                Value::Blob(s.clone().into_bytes()),
            ]),
            Value::Blob(b) => found.push(Value::Text(String::from_utf8_lossy(b).into_owned())),
            Value::Null => {}
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn sameness_is_that_of_sqlite(a in values(), b in values()) {
            agrees(&a, &b);
            for relative in relatives(&a) {
                agrees(&a, &relative);
            }
        }
    }
}
