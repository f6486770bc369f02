//! The tokenizer and the splitter: total, in order, nothing lost.

use planctl::internals::ddl;
use planctl::internals::sql;
use planctl::internals::sql::{Kind, statements, tokens, tokens_and_comments};

use super::{files, text};

/// Tokens and the white space between them are the text; statements hold every token but stray semicolons; what is made
/// of a text (one line, formatted, quoted) has the tokens of the text.
pub(crate) fn hold(input: &[u8]) {
    let text = text(input);
    let all: Vec<_> = tokens_and_comments(&text).collect();
    let mut end = 0;
    for token in &all {
        assert!(!token.text.is_empty(), "an empty token at {}", token.start);
        assert_eq!(&text[token.start..token.end()], token.text);
        assert!(is_space(&text[end..token.start]), "{:?} is in no token", &text[end..token.start]);
        end = token.end();
    }
    assert!(is_space(&text[end..]), "{:?} is in no token", &text[end..]);

    let mut end = 0;
    for statement in statements(&text) {
        assert_eq!(&text[statement.start..statement.end()], statement.text);
        assert!(tokens(&text[end..statement.start]).all(|t| t.is_punct(";")), "a token is in no statement");
        // The text of a statement is one statement: nothing of it depends on what stood before.
        let again = statements(statement.text);
        assert_eq!(again.len(), 1, "{:?} is {} statements", statement.text, again.len());
        assert_eq!(again[0].text, statement.text);
        understood(statement.text);
        end = statement.end();
    }
    assert!(tokens(&text[end..]).all(|t| t.is_punct(";")), "a token is in no statement");

    if all.iter().all(|token| token.kind != Kind::Illegal) {
        let texts = |sql: &str| tokens(sql).map(|t| t.text.to_owned()).collect::<Vec<_>>();
        assert_eq!(texts(&sql::one_line(&text)), texts(&text), "one line has other tokens");
        let line = text.trim_start_matches('\u{feff}');
        assert!(sql::identical_tokens(line, line) && sql::same_tokens(line, line));
    }
    let quoted = [sql::quote(&text), sql::quote_string(&text), sql::display_name(&text)];
    quoted.iter().for_each(|quoted| assert_eq!(sql::unquote(quoted), text));
}

/// The readers of DDL take any statement; a table that they understand is laid out with the tokens that it has.
fn understood(statement: &str) {
    let _ = ddl::created(statement);
    let formatted = ddl::format_create_table(statement);
    if ddl::create_table(statement).is_ok() {
        let written = |sql| tokens(sql).filter(|token| !token.is_punct(";")).map(|token| token.text);
        assert!(written(&formatted).eq(written(statement)), "{formatted:?} has other tokens");
    }
    let _ = (ddl::create_index(statement), ddl::create_view(statement), ddl::create_trigger(statement));
    let _ = (ddl::create_virtual_table(statement), ddl::Notes::of_script(statement));
}

/// What separates tokens: white space and byte order marks.
fn is_space(text: &str) -> bool {
    text.chars().all(|c| " \t\n\x0C\r\u{feff}".contains(c))
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = ["migrations", "spec", "tests/migrations"]
        .iter()
        .flat_map(|dir| files(dir, "sql"))
        .map(|(_, bytes)| bytes)
        .collect();
    seeds.extend(files("tests/audit_cases", "sql").into_iter().step_by(12).map(|(_, bytes)| bytes));
    seeds
}
