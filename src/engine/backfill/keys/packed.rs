//! Keys of a fixed size: integers in 8 bytes, ULIDs in 16 in place of 26 characters.

use rusqlite::types::ValueRef;

use crate::engine::backfill::value::{Rule, fold};

/// A key of a fixed size, which stands for one stored value and gives it back exactly.
pub(crate) trait Packed: Copy + Eq + Send + Sync + 'static {
    /// The key of a value as it is stored; `None` when this kind of key cannot give it back.
    fn pack(value: ValueRef<'_>, rule: Rule) -> Option<Self>;
    /// The key to which `value` is equal under the rule, however it is spelled.
    fn pack_equal(value: ValueRef<'_>, rule: Rule) -> Option<Self>;
    /// Whether `value` is equal to it under the rule.
    #[inline]
    fn is(self, value: ValueRef<'_>, rule: Rule) -> bool {
        Self::pack_equal(value, rule) == Some(self)
    }
    /// The value.
    fn spelled(self) -> Spelled<'static>;
    /// A hash.
    fn hash(self, seed: u64) -> u64;
    /// How far it stands above `first`, which is not greater.
    fn above(self, first: Self) -> u128;
    /// How many rows it stands behind that with the key `first`, where keys have no gaps, if they are such as may have none.
    fn steps_from(self, first: Self) -> Option<usize>;
}

/// A stored value, perhaps in a place of its own.
#[derive(Clone, Copy)]
pub(crate) enum Spelled<'a> {
    Value(ValueRef<'a>),
    Ulid([u8; LEN]),
}

impl Spelled<'_> {
    /// The value.
    #[inline]
    pub(crate) fn value(&self) -> ValueRef<'_> {
        match self {
            Spelled::Value(value) => *value,
            Spelled::Ulid(text) => ValueRef::Text(text),
        }
    }
}

impl Packed for i64 {
    fn pack(value: ValueRef<'_>, _: Rule) -> Option<i64> {
        match value {
            ValueRef::Integer(value) => Some(value),
            _ => None,
        }
    }

    fn pack_equal(value: ValueRef<'_>, rule: Rule) -> Option<i64> {
        match value {
            ValueRef::Integer(value) => Some(value),
            other => rule.integer(other),
        }
    }

    fn spelled(self) -> Spelled<'static> {
        Spelled::Value(ValueRef::Integer(self))
    }

    #[inline]
    fn hash(self, seed: u64) -> u64 {
        fold(seed, self as u64)
    }

    #[inline]
    fn above(self, first: i64) -> u128 {
        self.wrapping_sub(first).cast_unsigned().into()
    }

    #[inline]
    fn steps_from(self, first: i64) -> Option<usize> {
        self.checked_sub(first)?.try_into().ok()
    }
}

/// A ULID as the specification writes it, in capitals: 26 characters of 5 bits, of which the first has but 3
/// (<https://github.com/ulid/spec>). Such texts are equal under each of SQLite's collations only when they are the same;
/// any other text, one in small letters too, is not packed.
impl Packed for u128 {
    #[inline]
    fn pack(value: ValueRef<'_>, rule: Rule) -> Option<u128> {
        // Under a numeric affinity, text that is a number is equal to other spellings of it.
        match value {
            ValueRef::Text(text) if !rule.numeric => from_ulid(text.try_into().ok()?),
            _ => None,
        }
    }

    #[inline]
    fn pack_equal(value: ValueRef<'_>, rule: Rule) -> Option<u128> {
        u128::pack(value, rule)
    }

    /// What was packed is equal to nothing but the same text, which takes half the time of packing the other.
    #[inline]
    fn is(self, value: ValueRef<'_>, _: Rule) -> bool {
        matches!(value, ValueRef::Text(text) if text == to_ulid(self))
    }

    fn spelled(self) -> Spelled<'static> {
        Spelled::Ulid(to_ulid(self))
    }

    #[inline]
    fn hash(self, seed: u64) -> u64 {
        fold(fold(seed, self as u64), (self >> 64) as u64)
    }

    #[inline]
    fn above(self, first: u128) -> u128 {
        self.wrapping_sub(first)
    }

    #[inline]
    fn steps_from(self, _: u128) -> Option<usize> {
        None
    }
}

/// Characters of a ULID.
pub(super) const LEN: usize = 26;

/// The characters of a ULID, filled up with zeros. All are treated alike, without a branch or a table, so that a compiler can
/// take sixteen at a time.
const PADDED: usize = 32;

/// The letters that Crockford's base 32 leaves out.
const LEFT_OUT: [u8; 4] = *b"ILOU";

#[inline]
fn from_ulid(text: &[u8; LEN]) -> Option<u128> {
    let mut padded = [b'0'; PADDED];
    padded[..LEN].copy_from_slice(text);
    let mut strange = 0;
    for c in padded {
        strange |= u8::from(c < b'0') | u8::from(c > b'Z') | u8::from(c.wrapping_sub(b':') < b'A' - b':');
        for letter in LEFT_OUT {
            strange |= u8::from(c == letter);
        }
    }
    let mut digits = [0_u8; PADDED];
    for (digit, c) in digits.iter_mut().zip(padded) {
        let mut value = c.wrapping_sub(b'0').wrapping_sub(u8::from(c >= b'A') * (b'A' - b':'));
        for letter in LEFT_OUT {
            value = value.wrapping_sub(u8::from(c > letter));
        }
        *digit = value;
    }
    let (&[high, middle, low, last], []) = digits.as_chunks() else { return None };
    if strange != 0 || high[0] > 7 {
        return None;
    }
    let [high, middle, low, last] = [high, middle, low, last].map(|digits| u128::from(joined(digits)));
    Some(high << 90 | middle << 50 | low << 10 | last >> 30)
}

#[inline]
fn to_ulid(key: u128) -> [u8; LEN] {
    let parts = [(key >> 90) as u64, (key >> 50) as u64, (key >> 10) as u64, (key as u64) << 30].map(divided);
    let mut text = [0; LEN];
    for (c, &digit) in text.iter_mut().zip(parts.as_flattened()) {
        let mut value = b'0' + digit + u8::from(digit > 9) * (b'A' - b':');
        // The digits before the gaps that the letters leave: H, K, N and T.
        for before in [17, 19, 21, 26] {
            value += u8::from(digit > before);
        }
        *c = value;
    }
    text
}

/// The 40 bits of eight digits.
#[inline]
fn joined(digits: [u8; 8]) -> u64 {
    let x = u64::from_be_bytes(digits);
    let x = x & 0x001f_001f_001f_001f | (x >> 3) & 0x03e0_03e0_03e0_03e0;
    let x = x & 0x0000_03ff_0000_03ff | (x >> 6) & 0x000f_fc00_000f_fc00;
    x & 0xf_ffff | (x >> 12) & 0xff_fff0_0000
}

/// The eight digits of the last 40 bits.
#[inline]
fn divided(x: u64) -> [u8; 8] {
    let x = x & 0xf_ffff | (x & 0xff_fff0_0000) << 12;
    let x = x & 0x0000_03ff_0000_03ff | (x & 0x000f_fc00_000f_fc00) << 6;
    (x & 0x001f_001f_001f_001f | (x & 0x03e0_03e0_03e0_03e0) << 3).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::backfill::value::Collation;

    const RULE: Rule = Rule { collation: Collation::Binary, numeric: false };

    proptest! {
        #[test]
        fn a_ulid_is_given_back_as_it_was_and_is_the_ulid_of_its_number(key: u128) {
            let text = ulid::Ulid::from(key).to_string();
            prop_assert_eq!(u128::pack(ValueRef::Text(text.as_bytes()), RULE), Some(key));
            let spelled = key.spelled();
            prop_assert_eq!(spelled.value(), ValueRef::Text(text.as_bytes()));
        }

        /// Whatever is packed is given back byte for byte: nothing that is spelled otherwise passes.
        #[test]
        fn no_two_texts_share_a_key(text in "[0-9A-Za-z ]{24}[0-9A-Z]{1,3}") {
            let value = ValueRef::Text(text.as_bytes());
            if let Some(key) = u128::pack(value, RULE) {
                let spelled = key.spelled();
                prop_assert_eq!(spelled.value(), value);
            }
        }
    }

    /// The digits of the specification, and no other byte, at each place.
    #[test]
    fn each_character_is_a_digit_or_none() {
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        for place in 0..LEN {
            for byte in 0..=u8::MAX {
                let mut text = [b'0'; LEN];
                text[place] = byte;
                let digit = DIGITS.iter().position(|&digit| digit == byte).filter(|&d| place > 0 || d < 8);
                let expected = digit.map(|digit| (digit as u128) << (5 * (LEN - 1 - place)));
                assert_eq!(u128::pack(ValueRef::Text(&text), RULE), expected, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_ulid_is_not_packed() {
        for text in [
            "",
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "01ARZ3NDEKTSV4RRFFQ69G5FA",
            "01ARZ3NDEKTSV4RRFFQ69G5FAVV",
            "01arz3ndektsv4rrffq69g5fav",
            "01ARZ3NDEKTSV4RRFFQ69G5FAU",
            "01ARZ3NDEKTSV4RRFFQ69G5FA ",
            "01ARZ3NDEKTSVIRRFFQ69G5FAV",
        ] {
            assert_eq!(u128::pack(ValueRef::Text(text.as_bytes()), RULE), None, "{text}");
        }
        let digits = ValueRef::Text(b"01234567012345670123456701");
        assert!(u128::pack(digits, RULE).is_some());
        assert_eq!(u128::pack(digits, Rule { numeric: true, ..RULE }), None);
        assert_eq!(u128::pack(ValueRef::Blob(b"01234567012345670123456701"), RULE), None);
    }
}
