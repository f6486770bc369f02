//! Scripts for places that take a text apart by themselves and run it as one transaction: D1, by way of wrangler, and servers.
//!
//! wrangler leaves comments out, ends statements at semicolons, and knows the body of a trigger by its BEGIN, CASE and END
//! where white space stands around them (`splitSqlQuery` in workers-sdk). What is written here comes out of that as it went
//! in.

use std::iter::Peekable;
use std::str::Chars;

use crate::base::error::{Error, ErrorKind};
use crate::sql::{Kind, quotation, replaced, tokens, tokens_and_comments};

/// A statement so that what wrangler makes of it is that statement; `None` where there is no such text.
pub(super) fn written(sql: &str) -> Option<String> {
    let comments = tokens_and_comments(sql).filter(|token| token.kind == Kind::Comment);
    let bare = replaced(sql, comments.map(|comment| (comment.start..comment.end(), " ".to_owned())));
    let bare = bare.trim().trim_end_matches(';').trim_end();
    [bare.to_owned(), spaced(bare)].into_iter().find(|text| parts(&format!("{text};\n")) == [text.as_str()])
}

/// Where there is none.
pub(super) fn taken_apart(sql: &str) -> Error {
    Error::new(ErrorKind::Migration, "wrangler would take this statement apart at the wrong place")
        .note(quotation(sql))
        .help("no script was written; write that statement another way, without `$` in names")
}

/// With white space around each CASE and END of a trigger.
fn spaced(sql: &str) -> String {
    let words = tokens(sql).filter(|token| ["BEGIN", "CASE", "END"].iter().any(|word| token.is_word(word)));
    let space = |part: Option<&str>| part.is_none_or(|part| part.starts_with(char::is_whitespace));
    let parts = words.map(|word| {
        let before = sql.get(..word.start).is_some_and(|before| before.ends_with(char::is_whitespace));
        let behind = sql.get(word.end()..).filter(|behind| !behind.is_empty());
        let word_in_capitals = word.text.to_ascii_uppercase();
        let (before, behind) = (if before { "" } else { " " }, if space(behind) { "" } else { " " });
        (word.start..word.end(), format!("{before}{word_in_capitals}{behind}"))
    });
    replaced(sql, parts)
}

/// The statements that wrangler finds in a text.
pub(super) fn parts(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut part, mut depth) = (String::new(), 0_usize);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if depth > 0 && (c == ';' || c.is_whitespace()) && ends_in_word(&part, |word| word == "END") {
            depth -= 1;
        }
        match c {
            '\'' | '"' | '`' => {
                part.push(c);
                let marker = c.to_string();
                part.push_str(&until(&mut chars, &marker));
            }
            '$' => dollar(&mut chars, &mut part),
            '-' if chars.peek() == Some(&'-') => {
                until(&mut chars, "\n");
                part.push('\n');
            }
            '/' if chars.peek() == Some(&'*') => {
                chars.next();
                until(&mut chars, "*/");
            }
            ';' if depth == 0 => found.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
        let begins = |word: &str| ["BEGIN", "CASE"].iter().any(|known| word.eq_ignore_ascii_case(known));
        if let Some(before) = part.strip_suffix(char::is_whitespace)
            && ends_in_word(before, begins)
        {
            depth += 1;
        }
    }
    found.push(part);
    let trimmed = found.iter().map(|part| part.trim().to_owned());
    trimmed.filter(|part| !part.is_empty()).collect()
}

/// Whether a text ends in white space and such a word.
fn ends_in_word(text: &str, is: impl Fn(&str) -> bool) -> bool {
    let word = text.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    is(word) && text.get(..text.len() - word.len()).is_some_and(|rest| rest.ends_with(char::is_whitespace))
}

fn until(chars: &mut Peekable<Chars<'_>>, marker: &str) -> String {
    let mut text = String::new();
    for c in chars.by_ref() {
        text.push(c);
        if text.ends_with(marker) {
            break;
        }
    }
    text
}

/// What PostgreSQL has for a quotation mark.
fn dollar(chars: &mut Peekable<Chars<'_>>, part: &mut String) {
    let mut mark = "$".to_owned();
    for c in chars.by_ref() {
        mark.push(c);
        if !(c.is_alphanumeric() || c == '_') {
            break;
        }
    }
    part.push_str(&mark);
    if mark.len() > 1 && mark.ends_with('$') {
        part.push_str(&until(chars, &mark));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_comes_out_of_wrangler_as_it_went_in() {
        let kept = "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT ';'; END";
        assert_eq!(written(&format!("{kept};")).as_deref(), Some(kept));
        assert_eq!(
            written("create trigger r after insert on t begin select (case when 1 then 2 end); end;")
                .as_deref(),
            Some("create trigger r after insert on t BEGIN select ( CASE when 1 then 2 END ); END")
        );
        assert_eq!(written("SELECT 1 -- one; or two\n, /* ; */ 2;").as_deref(), Some("SELECT 1  \n,   2"));
        assert_eq!(written("SELECT a$b, 'x$y$'").as_deref(), Some("SELECT a$b, 'x$y$'"));
        assert_eq!(written("SELECT a$b$ FROM t"), None);
        assert_eq!(parts("SELECT 1;\n\nSELECT 2;\n"), ["SELECT 1", "SELECT 2"]);
    }
}
