//! Words for facts: of an enum's variants, of a number.

use std::fmt::Display;

/// `1 row`, `2 rows`
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    let several = if count == N::from(1) { "" } else { "s" };
    format!("{count} {one}{several}")
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
