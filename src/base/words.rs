//! Words for facts: of an enum's variants, of a number, of what is too long.

use std::borrow::Cow;
use std::fmt::Display;

/// `1 row`, `2 rows`, `12,000 rows`
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    let several = if count == N::from(1) { "" } else { "s" };
    format!("{} {one}{several}", thousands(count))
}

/// A count as people write it: `12,000`.
pub(crate) fn thousands(count: impl Display) -> String {
    let mut text = count.to_string();
    let mut at = text.len();
    while let Some(next) = at.checked_sub(3).filter(|&next| next > 0) {
        text.insert(next, ',');
        at = next;
    }
    text
}

/// A text, or its first `most` characters and a mark where it has more.
pub(crate) fn abridged(text: &str, most: usize) -> Cow<'_, str> {
    beginning(text, most).map_or(Cow::Borrowed(text), |first| Cow::Owned(format!("{first}…")))
}

/// The first `most` characters of a text that has more.
pub(crate) fn beginning(text: &str, most: usize) -> Option<&str> {
    text.char_indices().nth(most).and_then(|(end, _)| text.get(..end))
}

/// What stands behind `name` in a text that begins with it, and with nothing else or a blank behind it.
pub(crate) fn behind_name<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(name)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
}

/// An enum with the word of each variant beside it, and `as_str`, which gives that word; with `ALL`, that constant, too.
macro_rules! words {
    ($(#[$about:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        $vis enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// The word for it.
            $vis const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }
    };
    ($(#[$about:meta])* $vis:vis enum $name:ident, ALL {
        $($(#[$doc:meta])* $variant:ident = $word:literal,)*
    }) => {
        words! { $(#[$about])* $vis enum $name { $($(#[$doc])* $variant = $word,)* } }

        impl $name {
            /// All, in order.
            $vis const ALL: [$name; [$($word),*].len()] = [$($name::$variant),*];
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_at_a_glance() {
        for (count, text) in [
            (0, "0"),
            (1, "1"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345, "12,345"),
            (1_234_567, "1,234,567"),
            (123_456, "123,456"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(thousands(count), text);
        }
        assert_eq!(counted(1_000_000_u32, "row"), "1,000,000 rows");
    }

    #[test]
    fn a_text_is_cut_between_characters_and_only_where_it_is_too_long() {
        assert_eq!([abridged("", 0), abridged("äöü", 3), abridged("äöüß", 3)], ["", "äöü", "äöü…"]);
    }
}
