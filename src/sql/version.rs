use std::fmt;
use std::str::FromStr;

/// A version of SQLite: 3.35, 3.35.5.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SqliteVersion {
    /// The number after `3.`.
    pub minor: u16,
    /// The number after that; 0 when it is left out.
    pub patch: u16,
}

impl SqliteVersion {
    /// 3.`minor`.`patch`
    pub const fn new(minor: u16, patch: u16) -> SqliteVersion {
        SqliteVersion { minor, patch }
    }
}

impl fmt::Display for SqliteVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}", self.minor)?;
        if self.patch > 0 { write!(f, ".{}", self.patch) } else { Ok(()) }
    }
}

/// Why a text is no version of SQLite.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is not a version of SQLite 3, such as 3.35 or 3.45.1")]
pub struct NotAVersion(String);

impl FromStr for SqliteVersion {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<SqliteVersion, NotAVersion> {
        // `u16::from_str` alone would let a leading `+` pass.
        let number =
            |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u16>().ok()).flatten();
        let parts: Option<Vec<u16>> = text.split('.').map(number).collect();
        match parts.as_deref() {
            Some([3, minor]) => Ok(SqliteVersion::new(*minor, 0)),
            Some([3, minor, patch]) => Ok(SqliteVersion::new(*minor, *patch)),
            _ => Err(NotAVersion(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_text() {
        let version = |text: &str| text.parse::<SqliteVersion>().unwrap();
        assert!(version("3.9") < version("3.35"));
        assert!(version("3.35") < version("3.35.5"));
        assert_eq!(version("3.35"), version("3.35.0"));
        assert_eq!(version("3.35.0").to_string(), "3.35");
        assert_eq!(version("3.45.1").to_string(), "3.45.1");
    }

    #[test]
    fn what_is_no_version_of_sqlite_3_is_refused() {
        for text in ["", "3", "2.8", "4.0", "3.x", "3.35.5.1", "3.+35", "3.", ".35", " 3.35", "3.99999"] {
            assert!(text.parse::<SqliteVersion>().is_err(), "{text:?}");
        }
    }
}
