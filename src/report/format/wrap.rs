//! Lines of several styles, wrapped at spaces. What has no space in it stays whole, however long it is; what stands in
//! backticks, to be copied, where it fits into a line.

use unicode_width::UnicodeWidthStr;

use super::style::styled;
use crate::base::escape::{harmless, visible};
use crate::report::Canvas;
use crate::report::document::{Span, Style};

/// A word in one or several styles, and the blanks in front of it.
#[derive(Default)]
struct Word {
    blanks: usize,
    pieces: Vec<(String, Style)>,
    width: usize,
    /// Whether it stands in backticks together with the word before it.
    joined: bool,
}

/// Wraps spans to the width of the canvas. Further lines begin below the first, and `hanging` columns further in. No line
/// ends in a blank.
pub(crate) fn wrapped(spans: &[Span], hanging: usize, canvas: Canvas) -> Vec<String> {
    let words = words(spans);
    let indent = words.first().map_or(0, |word| word.blanks) + hanging;
    let (mut lines, mut line, mut column) = (Vec::new(), String::new(), 0);
    for (number, word) in words.iter().enumerate() {
        let rest = words.get(number + 1..).unwrap_or_default().iter().take_while(|word| word.joined);
        let whole = word.width + rest.map(|word| word.blanks + word.width).sum::<usize>();
        let is_kept = !word.joined && indent + whole <= canvas.width;
        let needed = if is_kept { whole } else { word.width };
        if number > 0 && column + word.blanks + needed > canvas.width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            column = indent;
        } else {
            line.push_str(&" ".repeat(word.blanks));
            column += word.blanks;
        }
        for (at, (text, style)) in word.pieces.iter().enumerate() {
            let begins = at == 0 && line.trim_start().is_empty();
            let text = if begins { harmless(text.into()) } else { text.into() };
            line.push_str(&styled(&text, *style, canvas));
        }
        column += word.width;
    }
    lines.push(line);
    lines
}

fn words(spans: &[Span]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word::default();
    for span in spans {
        let text = visible(&span.text);
        let pairs = text.matches('`').count() / 2;
        let mut backticks = 0;
        for (number, piece) in text.split(' ').enumerate() {
            if number > 0 {
                if word.width > 0 {
                    words.push(std::mem::take(&mut word));
                }
                word.blanks += 1;
                word.joined = backticks % 2 == 1 && backticks < 2 * pairs;
            }
            backticks += piece.matches('`').count();
            if !piece.is_empty() {
                word.width += piece.width();
                word.pieces.push((piece.to_owned(), span.style));
            }
        }
    }
    if word.width > 0 {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canvas(width: usize) -> Canvas {
        Canvas { width, color: false, whole: false, wraps: true }
    }

    #[test]
    fn words_of_several_styles_stay_whole_and_further_lines_hang() {
        let spans = ["  at ".into(), Span::new("a name", Style::Code), ", and then: ".into()];
        assert_eq!(wrapped(&spans, 2, canvas(14)), ["  at a name,", "    and then:"]);
        assert_eq!(wrapped(&["a ::error::b".into()], 0, canvas(9)), ["a", "\\u{3a}:error::b"], "no command");
        assert_eq!(wrapped(&[], 2, canvas(13)), [""]);
    }

    #[test]
    fn what_is_to_be_copied_stays_whole_where_it_fits_into_a_line() {
        let lines = |text: &str, width: usize| wrapped(&[text.into()], 0, canvas(width));
        assert_eq!(lines("run `a b c`, or `d e` then", 16), ["run `a b c`, or", "`d e` then"]);
        assert_eq!(lines("run it: `a b c`, or so", 12), ["run it:", "`a b c`, or", "so"]);
        assert_eq!(lines("run `a b c d e f g`", 8), ["run `a b", "c d e f", "g`"], "it does not fit");
        assert_eq!(lines("it`s a name with one of them", 10), ["it`s a", "name with", "one of", "them"]);
        assert_eq!(lines("`a b` c` d e f", 8), ["`a b` c`", "d e f"], "a third one begins nothing");
    }

    proptest! {
        /// Laws: nothing is left out, no line ends in a blank, and only a line of one word is too wide.
        #[test]
        fn a_line_is_too_wide_only_when_it_is_one_word(
            texts in proptest::collection::vec("[a-z計` ]{0,30}", 1..6), width in 8_usize..40, hanging in 0_usize..5,
        ) {
            let spans: Vec<Span> = texts.iter().map(|text| text.as_str().into()).collect();
            let lines = wrapped(&spans, hanging, canvas(width));
            for line in &lines {
                prop_assert!(!line.ends_with(' '), "{line:?}");
                prop_assert!(line.width() <= width || !line.trim().contains(' '), "{line:?}");
            }
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&lines.join("\n")), words(&texts.concat()));
        }
    }
}
