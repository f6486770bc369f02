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
    fn steps_from(self, _: u128) -> Option<usize> {
        None
    }
}

/// Characters of a ULID.
const LEN: usize = 26;

/// Crockford's base 32.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// No digit.
const NONE: u8 = 0xff;

/// The value of each byte as a digit.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut i = 0;
    while i < DIGITS.len() {
        values[DIGITS[i] as usize] = i as u8;
        i += 1;
    }
    values
};

#[inline]
fn from_ulid(text: &[u8; LEN]) -> Option<u128> {
    let digit = |i: usize| VALUES[usize::from(text[i])];
    // Two halves of 13 characters are 65 bits each: the first character of each half is kept apart.
    let mut seen = digit(0) | digit(13);
    let (mut high, mut low) = (0_u64, 0_u64);
    for i in 1..13 {
        let (a, b) = (digit(i), digit(i + 13));
        seen |= a | b;
        high = high << 5 | u64::from(a & 31);
        low = low << 5 | u64::from(b & 31);
    }
    if seen > 31 || digit(0) > 7 {
        return None;
    }
    let high = u128::from(digit(0)) << 60 | u128::from(high);
    let low = u128::from(digit(13)) << 60 | u128::from(low);
    Some(high << 65 | low)
}

#[inline]
fn to_ulid(key: u128) -> [u8; LEN] {
    let mut text = [0; LEN];
    let (mut high, mut low) = ((key >> 65) as u64, key as u64);
    text[13] = DIGITS[(key >> 60) as usize & 31];
    for i in (1..13).rev() {
        text[i] = DIGITS[(high & 31) as usize];
        text[i + 13] = DIGITS[(low & 31) as usize];
        high >>= 5;
        low >>= 5;
    }
    text[0] = DIGITS[(high & 31) as usize];
    text
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
