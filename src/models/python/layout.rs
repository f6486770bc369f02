//! Python as ruff lays it out with its defaults.

use unicode_width::UnicodeWidthStr;

/// The columns of a line.
const WIDTH: usize = 88;

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Code {
    /// Words that stay on their line.
    Plain(String),
    /// The value of a string. As an argument it is cut into lines where it is too long.
    Text(String),
    /// What is called, and with which arguments.
    Call(&'static str, Vec<Code>),
    /// Brackets around items: one on each line where they do not fit on one.
    List([char; 2], Vec<Code>),
    /// `name=value` or `"name": value`
    Named(String, Box<Code>),
}

impl Code {
    pub(super) fn plain(words: impl Into<String>) -> Code {
        Code::Plain(words.into())
    }

    pub(super) fn text(value: impl Into<String>) -> Code {
        Code::Text(value.into())
    }

    /// An argument by its name.
    pub(super) fn named(name: &str, value: Code) -> Code {
        Code::Named(format!("{name}="), Box::new(value))
    }

    /// An argument by its name that is a string.
    pub(super) fn named_text(name: &str, value: &str) -> Code {
        Code::named(name, Code::text(value))
    }

    /// An argument by its name that is a word.
    pub(super) fn named_word(name: &str, value: &str) -> Code {
        Code::named(name, Code::plain(value))
    }

    /// A list of strings.
    pub(super) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Code {
        Code::List(['[', ']'], texts.into_iter().map(Code::text).collect())
    }

    fn flat(&self) -> String {
        match self {
            Code::Plain(words) => words.clone(),
            Code::Text(value) => literal(value),
            Code::Call(head, arguments) => format!("{head}({})", flat(arguments)),
            Code::List(['(', ')'], items) if items.len() == 1 => format!("({},)", flat(items)),
            Code::List([open, close], items) => format!("{open}{}{close}", flat(items)),
            Code::Named(name, value) => name.clone() + &value.flat(),
        }
    }
}

fn flat(items: &[Code]) -> String {
    items.iter().map(Code::flat).collect::<Vec<_>>().join(", ")
}

/// A text of lines.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) out: String,
}

impl Lines {
    /// A line as it is.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        if !text.is_empty() {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.out.push_str(text);
        }
        self.out.push('\n');
    }

    /// `lead` and an expression, on as few lines as ruff would take.
    pub(super) fn code(&mut self, indent: usize, lead: &str, code: &Code, tail: &str) {
        let flat = format!("{lead}{}{tail}", code.flat());
        if fits(indent, &flat) {
            return self.line(indent, &flat);
        }
        match code {
            Code::Plain(_) | Code::Text(_) => self.line(indent, &flat),
            Code::Named(name, value) => self.code(indent, &format!("{lead}{name}"), value, tail),
            Code::Call(head, arguments) => {
                self.line(indent, &format!("{lead}{head}("));
                self.arguments(indent + 4, arguments);
                self.line(indent, &format!("){tail}"));
            }
            Code::List([open, close], items) => {
                self.line(indent, &format!("{lead}{open}"));
                match items.as_slice() {
                    // What stands alone and cannot be cut gets no comma, which would make a tuple of it.
                    [Code::Text(value)] if *open != '(' => self.line(indent + 4, &literal(value)),
                    items => items.iter().for_each(|item| self.code(indent + 4, "", item, ",")),
                }
                self.line(indent, &format!("{close}{tail}"));
            }
        }
    }

    fn arguments(&mut self, indent: usize, arguments: &[Code]) {
        let flat = flat(arguments);
        if fits(indent, &flat) {
            return self.line(indent, &flat);
        }
        match arguments {
            [Code::Text(value)] => self.cut(indent, value, ""),
            arguments => {
                for argument in arguments {
                    match argument {
                        Code::Text(value) => self.cut(indent, value, ","),
                        other => self.code(indent, "", other, ","),
                    }
                }
            }
        }
    }

    /// A string, on several lines where it does not fit on one.
    fn cut(&mut self, indent: usize, value: &str, tail: &str) {
        let whole = literal(value) + tail;
        if fits(indent, &whole) {
            return self.line(indent, &whole);
        }
        let mut lines: Vec<String> = vec![String::new()];
        for word in value.split_inclusive(' ') {
            if let Some(last) = lines.last_mut()
                && (last.is_empty() || fits(indent, &literal(&format!("{last}{word}"))))
            {
                last.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
        let count = lines.len();
        for (at, line) in lines.iter().enumerate() {
            self.line(indent, &(literal(line) + if at + 1 == count { tail } else { "" }));
        }
    }

    /// An assignment of a string, in parentheses where that makes it fit.
    pub(super) fn assigned(&mut self, indent: usize, name: &str, value: &Code) {
        let (lead, flat) = (format!("{name} = "), value.flat());
        let wraps = matches!(value, Code::Text(_) | Code::Plain(_));
        if wraps && !fits(indent, &format!("{lead}{flat}")) && fits(indent + 4, &flat) {
            self.line(indent, &format!("{lead}("));
            self.line(indent + 4, &flat);
            self.line(indent, ")");
        } else {
            self.code(indent, &lead, value, "");
        }
    }

    /// `name: Mapped[what] = code`
    pub(super) fn mapped(&mut self, indent: usize, name: &str, what: &str, code: &Code) {
        let lead = format!("{name}: Mapped[{what}] = ");
        let opened = match code {
            Code::Call(head, _) => format!("{lead}{head}("),
            other => format!("{lead}{}", other.flat()),
        };
        if fits(indent, &opened) {
            return self.code(indent, &lead, code, "");
        }
        if fits(indent, &format!("{lead}(")) {
            self.line(indent, &format!("{lead}("));
            self.code(indent + 4, "", code, "");
            return self.line(indent, ")");
        }
        self.line(indent, &format!("{name}: Mapped["));
        self.line(indent + 4, what);
        self.code(indent, "] = ", code, "");
    }
}

fn fits(indent: usize, line: &str) -> bool {
    !line.contains('\n') && indent + line.width() <= WIDTH
}

/// A string literal.
pub(super) fn literal(value: &str) -> String {
    let quote = if value.matches('"').count() > value.matches('\'').count() { '\'' } else { '"' };
    let mut out = String::from(quote);
    for c in value.chars() {
        match c {
            c if c == quote => out.extend(['\\', c]),
            c => escape(c, &mut out),
        }
    }
    out.push(quote);
    out
}

/// A string literal of several lines.
pub(super) fn block(value: &str) -> String {
    if !value.contains('\n') {
        return literal(value);
    }
    let mut out = String::from("\"\"\"");
    for c in value.chars() {
        match c {
            '\n' => out.push('\n'),
            // Three of them would end it, and so would one at its end.
            '"' if out.ends_with("\"\"") || out.ends_with("\\\"") => out.push_str("\\\""),
            c => escape(c, &mut out),
        }
    }
    if value.ends_with('"') && !out.ends_with("\\\"") {
        out.pop();
        out.push_str("\\\"");
    }
    out.push_str("\"\"\"");
    out
}

/// Text of one line inside of a docstring.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c == '"' { out.push_str("\\\"") } else { escape(c, &mut out) }
    }
    out
}

fn escape(c: char, out: &mut String) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c.is_control() && u32::from(c) < 0x100 => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        // What moves the cursor, joins or turns around what is read.
        '\u{2000}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{ad}' | '\u{a0}' => {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        }
        c => out.push(c),
    }
}
