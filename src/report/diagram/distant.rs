//! A table's name as large as its box, for a diagram that is seen from so far away that columns cannot be read.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::shape::Rect;
use crate::report::format::html::escape;

/// How wide a character of a bold fixed-width font is, and how high a line, in parts of its size.
const CHAR: f64 = 0.61;
const LINE: f64 = 1.15;
/// Where the letters stand in their line.
const BASE: f64 = 0.85;
const LARGEST: f64 = 34.0;
const PAD: i32 = 5;

/// The lines of the name and where they stand.
pub(super) struct Distant {
    lines: Vec<String>,
    size: f64,
    rect: Rect,
}

impl Distant {
    /// The name in as many lines as make it largest.
    pub(super) fn of(name: &str, rect: Rect) -> Distant {
        let words = words(name);
        let (width, height) = (f64::from(rect.width - 2 * PAD), f64::from(rect.height - 2 * PAD));
        let size = |lines: &[String]| {
            let longest = lines.iter().map(|line| line.width()).max().unwrap_or_default().max(1);
            let (columns, rows) = (longest as f64, lines.len() as f64);
            (width / (columns * CHAR)).min(height / (rows * LINE)).min(LARGEST)
        };
        let mut best = Distant { lines: Vec::new(), size: 0.0, rect };
        for columns in 1..=name.width().max(1) {
            let lines = wrapped(&words, columns);
            let size = size(&lines);
            // Of the same size, the fewest lines.
            if size >= best.size {
                best = Distant { lines, size, rect };
            }
        }
        best
    }

    /// Writes the text, each line in the middle of the box.
    pub(super) fn draw(&self, out: &mut String) {
        let Rect { x, y, width, height } = self.rect;
        let high = self.size * LINE;
        let top = f64::from(y) + (f64::from(height) - high * self.lines.len() as f64) / 2.0;
        let _ = write!(out, "<text class=\"far\" font-size=\"{:.0}\">", self.size.floor());
        for (number, line) in self.lines.iter().enumerate() {
            let base = top + high * number as f64 + self.size * BASE;
            let _ = write!(out, "<tspan x=\"{}\" y=\"{base:.0}\">{}</tspan>", x + width / 2, escape(line));
        }
        out.push_str("</text>");
    }
}

/// The parts between which a name can be broken: behind what is no letter, and before a capital that follows a small
/// one.
fn words(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = name;
    let mut before = ' ';
    let mut from = 0;
    for (at, c) in name.char_indices() {
        let begins =
            c.is_alphanumeric() && !before.is_alphanumeric() || c.is_uppercase() && before.is_lowercase();
        if begins && at > from {
            let (word, behind) = rest.split_at(at - from);
            words.push(word);
            (rest, from) = (behind, at);
        }
        before = c;
    }
    words.push(rest);
    words
}

/// Words in lines of so many columns, or of one word that is longer.
fn wrapped(words: &[&str], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.width() + word.width() <= columns => line.push_str(word),
            _ => lines.push((*word).to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Rect = Rect { x: 0, y: 0, width: 160, height: 100 };

    #[test]
    fn a_name_is_broken_where_that_makes_it_larger() {
        for (name, lines) in [
            ("user", &["user"][..]),
            ("asset_location_session", &["asset_", "location_", "session"]),
            ("itemAttachments", &["item", "Attachments"]),
            ("a b", &["a b"]),
            ("", &[""]),
        ] {
            assert_eq!(Distant::of(name, BOX).lines, lines, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_stays_whole_and_in_its_box(
            name in "\\PC{0,34}|[a-zA-Z_]{0,34}",
            width in 110..400i32,
            height in 26..300i32,
        ) {
            let distant = Distant::of(&name, Rect { width, height, ..BOX });
            proptest::prop_assert_eq!(distant.lines.concat(), name);
            proptest::prop_assert!(distant.size > 0.0 && distant.size <= LARGEST);
            let high = distant.size * LINE * distant.lines.len() as f64;
            proptest::prop_assert!(high <= f64::from(height));
            for line in &distant.lines {
                proptest::prop_assert!(line.width() as f64 * CHAR * distant.size <= f64::from(width));
            }
        }
    }
}
