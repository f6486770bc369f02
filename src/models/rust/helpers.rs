//! The few types that a module brings along, each only where it is used.

/// JSON columns.
pub(super) const JSON: &str = r#"
/// A JSON text.
#[derive(Clone, PartialEq, Debug)]
pub struct Json(pub serde_json::Value);

impl ToSql for Json {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for Json {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let read = match value {
            ValueRef::Integer(number) => Ok(number.into()),
            ValueRef::Real(number) => Ok(number.into()),
            other => serde_json::from_slice(other.as_bytes()?),
        };
        match read {
            Ok(json) => Ok(Self(json)),
            Err(error) => Err(FromSqlError::Other(error.into())),
        }
    }
}
"#;

/// ULID columns.
pub(super) const ULID: &str = r#"
/// A ULID, as its text of 26 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UlidText(pub ulid::Ulid);

impl ToSql for UlidText {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for UlidText {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        match ulid::Ulid::from_string(text) {
            // Another spelling would be another key.
            Ok(id) if *id.array_to_str(&mut [0; 26]) == *text => Ok(Self(id)),
            _ => {
                let message = format!("{text:?} is not a ULID");
                Err(FromSqlError::Other(message.into()))
            }
        }
    }
}
"#;

/// The error of an enum.
pub(super) const NOT_LISTED: &str = r#"
fn not_listed(table: &str, column: &str, value: ValueRef<'_>) -> FromSqlError {
    let value = match value {
        ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        other => format!("{other:?}"),
    };
    let message = format!("{table}.{column} holds {value}, which is none of its values");
    FromSqlError::Other(message.into())
}
"#;
