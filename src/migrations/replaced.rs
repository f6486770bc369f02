//! A migration that another one stands for, as the head of the squashed file names it.

use std::fmt;

use super::{Migration, Version, VersionWidth, label};

/// A migration that another one stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replaced {
    /// Its version.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// Its checksum where versions are of 32 bits; `None` where it does not fit there.
    pub int4: Option<u64>,
    /// Its checksum where they are of 64 bits.
    pub int8: u64,
}

impl Replaced {
    /// What a file says of this one.
    pub fn of(file: &Migration) -> Replaced {
        let narrow = VersionWidth::of(file.version) == VersionWidth::Int4;
        Replaced {
            version: file.version,
            name: file.name.clone(),
            int4: narrow.then(|| file.checksum(VersionWidth::Int4)),
            int8: file.checksum(VersionWidth::Int8),
        }
    }

    /// Its checksum in a history of that width.
    pub fn checksum(&self, width: VersionWidth) -> Option<u64> {
        match width {
            VersionWidth::Int4 => self.int4,
            VersionWidth::Int8 => Some(self.int8),
        }
    }

    /// `V7__align_plans_schema`
    pub fn label(&self) -> String {
        label(self.version, &self.name)
    }

    /// Reads what stands behind the word of the directive.
    pub(super) fn parse(text: &str) -> Option<Replaced> {
        let mut words = text.split_ascii_whitespace();
        let (version, name) = words.next()?.strip_prefix(['V', 'U'])?.split_once("__")?;
        let mut sums = [None, None];
        for word in words {
            let (key, sum) = word.split_once('=')?;
            *sums.get_mut(["int4", "int8"].iter().position(|known| *known == key)?)? =
                Some(sum.parse().ok()?);
        }
        Some(Replaced {
            version: version.parse().ok()?,
            name: name.to_owned(),
            int4: sums[0],
            int8: sums[1]?,
        })
    }
}

/// The directive.
impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-- planctl:replaces {}", self.label())?;
        if let Some(int4) = self.int4 {
            write!(f, " int4={int4}")?;
        }
        write!(f, " int8={}", self.int8)
    }
}
