//! Values as they are stored, whatever a server's JSON can say.
//!
//! JSON knows no blobs, no infinite numbers and no bytes that are not UTF-8; rqlite also makes other values of those whose
//! column has a type that Go knows. So the server is asked for a text that says what the value is: for numbers with a
//! fraction the number itself, which both servers write with as many digits as it takes.

use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};

use crate::engine::contract::server_name::ServerKind;
use crate::sql::{quote_blob, quote_string};

/// A value as it is stored.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Exact {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

/// What to ask for, to learn the value of an expression. Of libSQL it is no longer than the value, since sqld has a limit for
/// both; rqlite has no blobs to answer with.
pub(super) fn exactly(of: &str, kind: ServerKind) -> String {
    let bytes = |letter| match kind {
        ServerKind::Rqlite => format!("'{letter}' || hex({of})"),
        ServerKind::Libsql => format!("CAST('{letter}' || {of} AS BLOB)"),
    };
    format!(
        "CASE typeof({of}) WHEN 'text' THEN {} WHEN 'integer' THEN 'i' || {of} WHEN 'blob' THEN {} \
         WHEN 'real' THEN CASE WHEN abs({of}) < 9e999 THEN {of} ELSE 'r' || ({of} > 0) END END",
        bytes('t'),
        bytes('b')
    )
}

/// The same as text, for where many values become one.
pub(super) fn exactly_as_text(of: &str) -> String {
    format!(
        "CASE typeof({of}) WHEN 'text' THEN 't' || hex({of}) WHEN 'integer' THEN 'i' || {of} WHEN 'blob' THEN 'b' || hex({of}) \
         WHEN 'real' THEN 'r' || CASE WHEN abs({of}) < 9e999 THEN printf('%!.17g', {of}) ELSE {of} > 0 END ELSE 'n' END"
    )
}

impl Exact {
    /// What the server says of an [`exactly`] expression; `None` where it says nothing of the kind.
    pub(super) fn of(said: Value) -> Option<Exact> {
        match said {
            Value::Null => Some(Exact::Null),
            Value::Real(number) => Some(Exact::Real(number)),
            // JSON has one kind of number.
            Value::Integer(number) => Some(Exact::Real(number as f64)),
            Value::Text(text) => Exact::of_text(&text),
            Value::Blob(mut bytes) => {
                let letter = (!bytes.is_empty()).then(|| bytes.remove(0))?;
                match letter {
                    b't' => Some(Exact::Text(bytes)),
                    b'b' => Some(Exact::Blob(bytes)),
                    _ => None,
                }
            }
        }
    }

    /// What the server says of an [`exactly_as_text`] expression.
    pub(super) fn of_text(text: &str) -> Option<Exact> {
        let said = text.get(1..)?;
        Some(match text.get(..1)? {
            "n" => Exact::Null,
            "i" => Exact::Integer(said.parse().ok()?),
            "t" => Exact::Text(bytes(said)?),
            "b" => Exact::Blob(bytes(said)?),
            "r" if said == "1" => Exact::Real(f64::INFINITY),
            "r" if said == "0" => Exact::Real(f64::NEG_INFINITY),
            "r" => Exact::Real(said.parse().ok()?),
            _ => return None,
        })
    }

    pub(super) fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Exact::Null => ValueRef::Null,
            Exact::Integer(number) => ValueRef::Integer(*number),
            Exact::Real(number) => ValueRef::Real(*number),
            Exact::Text(bytes) => ValueRef::Text(bytes),
            Exact::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }
}

impl ToSql for Exact {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.as_ref()))
    }
}

/// A stored value as a literal that stands for the same one.
pub(super) fn literal(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(i64::MIN) => "(-9223372036854775807 - 1)".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) if number.is_infinite() => {
            if number > 0.0 { "9e999" } else { "-9e999" }.to_owned()
        }
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(plain) if !plain.contains('\0') => quote_string(plain),
            _ => format!("CAST({} AS TEXT)", quote_blob(text)),
        },
        ValueRef::Blob(bytes) => quote_blob(bytes),
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    fn values() -> impl Strategy<Value = Exact> {
        prop_oneof![
            Just(Exact::Null),
            any::<i64>().prop_map(Exact::Integer),
            prop::sample::select(vec![i64::MIN, i64::MAX, 0, 1]).prop_map(Exact::Integer),
            any::<f64>().prop_filter("a NaN is NULL to SQLite", |x| !x.is_nan()).prop_map(Exact::Real),
            prop::sample::select(vec![f64::INFINITY, f64::NEG_INFINITY, 5.0, 0.1, 1e300])
                .prop_map(Exact::Real),
            any::<Vec<u8>>().prop_map(Exact::Text),
            "[a'\0é]{0,4}".prop_map(|text| Exact::Text(text.into_bytes())),
            any::<Vec<u8>>().prop_map(Exact::Blob),
        ]
    }

    proptest! {
        /// SQLite itself stores it, says what it is, and stores again what a literal of it stands for.
        #[test]
        fn a_value_is_the_same_on_the_other_side(stored in values()) {
            let conn = Connection::open_in_memory().unwrap();
            conn.execute_batch("CREATE TABLE t(c)").unwrap();
            conn.execute("INSERT INTO t VALUES (?1)", [&stored]).unwrap();
            let ask = |what: String| conn.query_row(&format!("SELECT {what} FROM t"), [], |row| row.get::<_, Value>(0));
            for kind in [ServerKind::Rqlite, ServerKind::Libsql] {
                prop_assert_eq!(Exact::of(ask(exactly("c", kind)).unwrap()), Some(stored.clone()));
            }
            let Value::Text(text) = ask(exactly_as_text("c")).unwrap() else { panic!("no text") };
            prop_assert_eq!(Exact::of_text(&text), Some(stored.clone()));
            conn.execute_batch(&format!("UPDATE t SET c = {}", literal(stored.as_ref()))).unwrap();
            prop_assert_eq!(Exact::of(ask(exactly("c", ServerKind::Rqlite)).unwrap()), Some(stored));
        }

        #[test]
        fn what_a_server_says_cannot_panic(text in any::<String>()) {
            Exact::of_text(&text);
        }
    }
}
