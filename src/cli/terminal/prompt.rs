//! Questions to the person at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

/// Asks a question that is answered with yes or no; `None` where nobody can answer.
pub(crate) fn ask(question: &str) -> Option<bool> {
    let (stdin, mut stderr) = (io::stdin(), io::stderr());
    if !stdin.is_terminal() || !stderr.is_terminal() {
        return None;
    }
    answer(question, &mut stdin.lock(), &mut stderr)
}

fn answer(question: &str, input: &mut dyn BufRead, output: &mut dyn Write) -> Option<bool> {
    loop {
        write!(output, "{question} [y/n] ").and_then(|()| output.flush()).ok()?;
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Some(true),
            "n" | "no" => return Some(false),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_until_it_is_answered() {
        let mut shown = Vec::new();
        assert_eq!(answer("Sure?", &mut "\nwhat\nYes\n".as_bytes(), &mut shown), Some(true));
        assert_eq!(String::from_utf8(shown).unwrap(), "Sure? [y/n] ".repeat(3));
        assert_eq!(answer("Sure?", &mut "n".as_bytes(), &mut io::sink()), Some(false));
        assert_eq!(answer("Sure?", &mut "".as_bytes(), &mut io::sink()), None);
    }
}
