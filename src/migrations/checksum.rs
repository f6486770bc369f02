//! refinery's checksum: what its history table keeps of a migration, to see that the file was edited.
//!
//! As `refinery_core::Migration::unapplied` computes it: SipHash 1-3 over name, version and text. The prefix and the
//! file's own spelling of the version are not part of it; every byte of the text is.

use std::hash::{Hash, Hasher};

use siphasher::sip::SipHasher13;

use super::{Migration, VersionWidth};

impl Migration {
    /// The checksum that refinery records for this migration in a history table of that width.
    pub fn checksum(&self, width: VersionWidth) -> u64 {
        self.checksum_of(self.up.text(), width)
    }

    /// Whether the file is the one that was recorded but for what editors and version control do to every line: CRLF
    /// or LF, a byte-order mark, the line break at the end. `false` for the very file that was recorded.
    pub fn differs_only_in_line_endings(&self, recorded: u64) -> bool {
        let text = self.up.text();
        let widths = [VersionWidth::Int4, VersionWidth::Int8];
        if widths.iter().any(|&width| self.checksum_of(text, width) == recorded) {
            return false;
        }
        let unix = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let body = unix.trim_end_matches('\n');
        // The text may have ended with as many line breaks as it has now, with one, or with none.
        let ends = [unix.as_str(), body, &format!("{body}\n")].map(str::to_owned);
        ends.iter().any(|unix| {
            let windows = unix.replace('\n', "\r\n");
            [unix, &windows].into_iter().any(|text| {
                let marked = format!("\u{feff}{text}");
                [text.as_str(), &marked]
                    .into_iter()
                    .any(|text| widths.iter().any(|&width| self.checksum_of(text, width) == recorded))
            })
        })
    }

    fn checksum_of(&self, text: &str, width: VersionWidth) -> u64 {
        let mut hasher = SipHasher13::new();
        self.name.hash(&mut hasher);
        match width {
            VersionWidth::Int4 => match i32::try_from(self.version) {
                Ok(narrow) => narrow.hash(&mut hasher),
                // No history of 32-bit versions holds it.
                Err(_) => self.version.hash(&mut hasher),
            },
            VersionWidth::Int8 => self.version.hash(&mut hasher),
        }
        text.hash(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn migration(text: &str) -> Migration {
        Migration { version: 3, name: "x".to_owned(), up: SourceFile::new("V3__x.sql", text), down: None }
    }

    #[test]
    fn line_endings_are_told_apart_from_edits() {
        let now = migration("SELECT 1;\nSELECT 2;\n");
        let same = |recorded: &str| {
            now.differs_only_in_line_endings(migration(recorded).checksum(VersionWidth::Int8))
        };
        assert!(same("SELECT 1;\r\nSELECT 2;\r\n"));
        assert!(same("\u{feff}SELECT 1;\nSELECT 2;\n"));
        assert!(same("\u{feff}SELECT 1;\r\nSELECT 2;"));
        assert!(same("SELECT 1;\nSELECT 2;"));
        assert!(!same("SELECT 1;\nSELECT 2;\n"), "the same text differs in nothing");
        assert!(!same("SELECT 1;\nSELECT 3;\n"));
    }
}
