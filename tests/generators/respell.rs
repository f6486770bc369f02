//! Any SQL in another spelling that means the same, token by token.

use std::collections::HashSet;

use planctl::internals::sql::{Kind, Token, is_keyword, statements, tokens};

use super::dice::Dice;

/// `script` with other case, white space, comments, quotes around the names in `names` (in lower case), and `<>` for
/// `!=`. What a module or a pragma reads stays as it is.
pub fn respell(script: &str, names: &HashSet<String>, dice: &mut Dice) -> String {
    let mut out = String::new();
    for statement in statements(script) {
        let all: Vec<Token<'_>> = tokens(statement.text).collect();
        let word = |i: usize, word: &str| all.get(i).is_some_and(|token: &Token<'_>| token.is_word(word));
        let leave = !word(0, "CREATE") || word(1, "VIRTUAL");
        if leave {
            out.push_str(statement.text);
        } else {
            write(&all, names, dice, &mut out);
        }
        out.push('\n');
    }
    out
}

fn write(all: &[Token<'_>], names: &HashSet<String>, dice: &mut Dice, out: &mut String) {
    for (i, token) in all.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| all[i]);
        let next = all.get(i + 1);
        // Behind a type SQLite reads GENERATED ALWAYS as part of it.
        let generated = |token: &Token<'_>| token.is_word("GENERATED") || token.is_word("ALWAYS");
        let plain = generated(token) || before.as_ref().is_some_and(generated);
        let space = if plain { " " } else { dice.pick(&[" ", "\n", "\t  ", " /* ' */ ", " -- \"\n"]) };
        out.push_str(space);
        let is_default = before.is_some_and(|before| before.is_word("DEFAULT"));
        match token.kind {
            Kind::Word if is_default && !is_keyword(token.text) => out.push_str(token.text),
            Kind::Word => {
                let is_name = names.contains(&token.text.to_ascii_lowercase())
                    && !is_keyword(token.text)
                    && next.is_some_and(|next| !next.is_punct("(") && next.kind == Kind::Punct)
                    && before.is_some_and(|before| before.kind == Kind::Punct);
                let text: String = token.text.chars().map(|c| any_case(c, dice)).collect();
                match dice.below(3) {
                    0 if is_name => out.push_str(&format!("[{text}]")),
                    1 if is_name => out.push_str(&format!("\"{text}\"")),
                    _ => out.push_str(&text),
                }
            }
            Kind::Punct if token.text == "<>" || token.text == "!=" => out.push_str(dice.pick(&["<>", "!="])),
            _ => out.push_str(token.text),
        }
    }
}

fn any_case(c: char, dice: &mut Dice) -> char {
    if dice.chance(2) { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
}
