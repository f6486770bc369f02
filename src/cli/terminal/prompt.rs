//! Questions to the person at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use super::stderr_width;
use crate::report::{Canvas, Span, lines_of};

/// Asks whether something may be done that cannot be undone; `None` where nobody can be asked. Whoever was asked and ends the
/// input has not said yes, and has read what it is about.
pub(crate) fn consent(question: &str) -> Option<bool> {
    ask(question).or_else(|| can_answer().then_some(false))
}

fn can_answer() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question that is answered with yes or no; `None` where nobody answers.
pub(crate) fn ask(question: &str) -> Option<bool> {
    if !can_answer() {
        return None;
    }
    let (stdin, mut stderr) = (io::stdin(), io::stderr());
    answer(question, stderr_width().unwrap_or(80), &mut stdin.lock(), &mut stderr)
}

fn answer(question: &str, width: usize, input: &mut dyn BufRead, output: &mut dyn Write) -> Option<bool> {
    let question = shown(&format!("{question} [y/n]"), width);
    loop {
        write!(output, "{question} ").and_then(|()| output.flush()).ok()?;
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            // The cursor is still behind the question: what is said next begins a line.
            writeln!(output).ok()?;
            return None;
        }
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Some(true),
            "n" | "no" => return Some(false),
            _ => {}
        }
    }
}

/// The lines of a question, wrapped, with whatever could move the cursor escaped: names in it are those of a database.
fn shown(question: &str, width: usize) -> String {
    let canvas = Canvas { width, color: false, whole: true, wraps: true };
    let lines = question.lines().flat_map(|line| lines_of(&[Span::from(line.to_owned())], 2, canvas));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_until_it_is_answered() {
        let mut shown = Vec::new();
        assert_eq!(answer("Sure?", 80, &mut "\nwhat\nYes\n".as_bytes(), &mut shown), Some(true));
        assert_eq!(String::from_utf8(shown).unwrap(), "Sure? [y/n] ".repeat(3));
        assert_eq!(answer("Sure?", 80, &mut "n".as_bytes(), &mut io::sink()), Some(false));
        let mut shown = Vec::new();
        assert_eq!(answer("Sure?", 80, &mut "".as_bytes(), &mut shown), None);
        assert_eq!(String::from_utf8(shown).unwrap(), "Sure? [y/n] \n");
    }

    #[test]
    fn a_question_is_wrapped_and_moves_no_cursor() {
        let text = shown(
            "V7__x: 16 values of plans.effective_profile_snapshot are lost\nRevert a\u{1b}[2Jb? [y/n]",
            40,
        );
        assert_eq!(
            text,
            "V7__x: 16 values of\n  plans.effective_profile_snapshot are\n  lost\nRevert a\\u{1b}[2Jb? [y/n]"
        );
    }
}
