//! Bytes of a stored schema that are no UTF-8.
//!
//! SQLite stores what it is given, Latin-1 in a literal for example. Such a byte is carried through the model as a character
//! that no text has (one of the end of the last private plane), so that two different bytes stay different,
//! and it is written as `\xE9` wherever somebody reads it.

use std::borrow::Cow;

use super::token::find;

/// What stands for the byte 0; only bytes from 0x80 on can be stray.
const BASE: u32 = 0x10_FF00;

/// The text of bytes, whatever they are.
pub fn decoded(bytes: &[u8]) -> String {
    // As nearly all of them are. Looking for what is not is slower.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(BASE + u32::from(*byte))));
    }
    text
}

fn stray(c: char) -> Option<u8> {
    u32::from(c).checked_sub(BASE).and_then(|byte| u8::try_from(byte).ok()).filter(|byte| *byte >= 0x80)
}

/// The first byte of a text that is no UTF-8, and where it stands.
pub fn first_stray(text: &str) -> Option<(usize, u8)> {
    // All of them begin with this byte, and hardly anything else does.
    let from = find(0xF4, text.as_bytes(), 0)?;
    text.get(from..)?.char_indices().find_map(|(at, c)| Some((from + at, stray(c)?)))
}

/// The text as somebody reads it: `\xE9` for a byte that is no UTF-8.
pub fn shown(text: &str) -> Cow<'_, str> {
    if first_stray(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match stray(c) {
            Some(byte) => out.push_str(&format!("\\x{byte:02X}")),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_lost_and_no_two_are_the_same() {
        let texts: Vec<String> = (0x80..=0xFFu8).map(|byte| decoded(&[b'\'', byte, b'\''])).collect();
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(first_stray(text), Some((1, 0x80 + i as u8)));
            assert_eq!(shown(text), format!("'\\x{:02X}'", 0x80 + i));
            assert!(texts.iter().skip(i + 1).all(|other| other != text));
        }
        for text in ["", "plain", "é ü 計画 \u{10FEFF} \u{10FF7F} \u{FFFD}"] {
            assert_eq!(decoded(text.as_bytes()), text);
            assert_eq!((first_stray(text), shown(text)), (None, Cow::Borrowed(text)));
        }
        assert_eq!(shown(&decoded(b"caf\xe9 \xc3")), "caf\\xE9 \\xC3");
    }
}
