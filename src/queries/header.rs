//! The header of a query, and the shape of what stands below it.
//!
//! Every `--` line above the statement is a header line, `-- KEY: …`; a line that is indented further goes on with the
//! description above it. Anything else is refused rather than passed over: a misspelt `parm:` would silently take a
//! parameter away. What else there is to say goes into `/* … */`, or behind the statement's first word.

use super::parameter::{Default, Parameter, Type};
use super::{Bar, Query};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::{did_you_mean, nearest};
use crate::base::source::SourceFile;
use crate::sql::{self, Kind, Token, tokens, tokens_and_comments};

const KEYS: [&str; 4] = ["title", "description", "param", "bar"];

/// What each key takes.
const FORMS: &str = "a header line is one of\n  -- title: TEXT\n  -- description: TEXT\n  \
                     -- param: NAME TYPE = DEFAULT (WHAT IT MEANS)\n  -- bar: COLUMN of NUMBER\n\
                     other comments go after the first word of the statement";

impl Query {
    /// Reads the query of this name from the text of its file.
    ///
    /// # Errors
    /// [`crate::base::error::ErrorKind::Config`] with the place: of a header that does not say what it should, of anything that
    /// is not one SELECT, of parameters that are not declared or not used.
    pub fn parse(name: impl Into<String>, file: SourceFile) -> Result<Query> {
        let name = name.into();
        let mut header = Header::default();
        let reader = Reader { file: &file };
        let mut continues = None;
        for token in tokens_and_comments(file.text()) {
            if token.kind != Kind::Comment {
                break;
            }
            if token.text.starts_with("--") {
                reader.line(&token, &mut header, &mut continues)?;
            }
        }
        let Some(title) = header.title else {
            return Err(reader
                .error(0, "the report has no title")
                .help("begin the file with a line `-- title: …` that says what it answers"));
        };
        let (start, end) = reader.statement()?;
        reader.variables(start, end, &header.parameters)?;
        let parameters = header.parameters.into_iter().map(|(parameter, _)| parameter).collect();
        let (description, bar) = (header.description, header.bar);
        Ok(Query { name, title, description, parameters, bar, file, start, end })
    }
}

#[derive(Default)]
struct Header {
    title: Option<String>,
    description: Option<String>,
    /// Each with the place of its name.
    parameters: Vec<(Parameter, usize)>,
    bar: Option<Bar>,
}

struct Reader<'a> {
    file: &'a SourceFile,
}

impl Reader<'_> {
    fn error(&self, at: usize, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Config, message).at(self.file.location(at))
    }

    /// Reads one `--` line; `continues` is the key of the line above.
    fn line<'t>(
        &self,
        comment: &Token<'t>,
        header: &mut Header,
        continues: &mut Option<&'t str>,
    ) -> Result<()> {
        let body = comment.text.get(2..).unwrap_or_default();
        let text = body.trim();
        let indent = body.len() - body.trim_start().len();
        let at = comment.start + 2 + indent;
        if text.is_empty() {
            *continues = None;
            return Ok(());
        }
        if indent > 1 {
            let Some(description) = header.description.as_mut().filter(|_| *continues == Some("description"))
            else {
                return Err(self
                    .error(at, "an indented line continues a description, and there is none above it")
                    .help(FORMS));
            };
            description.push(' ');
            description.push_str(text);
            return Ok(());
        }
        let (key, rest) = text.split_once(':').unwrap_or((text, ""));
        let word = key.split_whitespace().next().unwrap_or_default();
        if !text.contains(':') || !KEYS.contains(&key) {
            let help = match nearest(word.trim_end_matches(':'), KEYS) {
                Some(near) => format!("did you mean `{near}:`?"),
                None => FORMS.to_owned(),
            };
            return Err(self.error(at, "this is not a header line of a report").help(help));
        }
        let value = rest.trim_start();
        let value_at = at + key.len() + 1 + (rest.len() - value.len());
        if value.is_empty() {
            return Err(self.error(at, format!("`{key}` says nothing")).help(FORMS));
        }
        let twice = || Err(self.error(at, format!("`{key}` is given twice")).help("keep one of them"));
        match key {
            "title" if header.title.is_some() => return twice(),
            "title" => header.title = Some(value.to_owned()),
            "description" if header.description.is_some() => {
                return twice().map_err(|error: Error| {
                    error.help("keep one of them; to continue it on the next line, indent that line")
                });
            }
            "description" => header.description = Some(value.to_owned()),
            "bar" if header.bar.is_some() => return twice(),
            "bar" => header.bar = Some(self.bar(value, value_at)?),
            _ => self.parameter(value, value_at, header)?,
        }
        *continues = Some(key);
        Ok(())
    }

    /// `COLUMN` or `COLUMN of NUMBER`
    fn bar(&self, text: &str, at: usize) -> Result<Bar> {
        let mut words = tokens(text);
        let column = words.next().filter(Token::can_be_name).map(|token| token.unquoted());
        let of = match (words.next(), words.next(), words.next()) {
            (None, ..) => Some(None),
            (Some(of), Some(number), None) if of.is_word("of") && number.kind == Kind::Number => {
                number.text.parse().ok().filter(|&number: &f64| number > 0.0 && number.is_finite()).map(Some)
            }
            _ => None,
        };
        match (column, of) {
            (Some(column), Some(of)) => Ok(Bar { column, of, at }),
            _ => Err(self.error(at, "this is not a column to draw").help(
                "write it as `-- bar: COLUMN`, or `-- bar: COLUMN of 100` where a whole bar stands for 100",
            )),
        }
    }

    /// `NAME TYPE`, perhaps `= DEFAULT`, perhaps `(DESCRIPTION)`
    fn parameter(&self, text: &str, at: usize, header: &mut Header) -> Result<()> {
        const FORM: &str = "write it as `-- param: NAME TYPE`, `-- param: NAME TYPE = DEFAULT` or \
                            `-- param: NAME TYPE = DEFAULT (WHAT IT MEANS)`";
        let slip = |offset: usize, message: &str| self.error(at + offset, message).help(FORM);
        let mut words = tokens(text);
        let Some(name) = words.next().filter(|token| is_name(token.text)) else {
            return Err(slip(0, "a parameter has a name of letters, digits and `_`"));
        };
        if header.parameters.iter().any(|(known, _)| known.name == name.text) {
            return Err(self
                .error(at, format!("the parameter `{}` is declared twice", name.text))
                .help("keep one of them"));
        }
        let Some(word) = words.next().filter(|token| token.kind == Kind::Word) else {
            return Err(slip(name.end(), "the parameter has no type")
                .note(format!("types are {}", Type::ALL.map(Type::as_str).join(", "))));
        };
        let Some(kind) = Type::ALL.into_iter().find(|kind| kind.as_str() == word.text) else {
            return Err(self
                .error(at + word.start, format!("there is no type `{}`", word.text))
                .help(did_you_mean(word.text, Type::ALL.map(Type::as_str))));
        };
        let mut end = word.end();
        let mut next = words.next();
        let mut default = None;
        if let Some(equals) = next.filter(|token| token.is_punct("=")) {
            let mut literal = words.next();
            let negative = literal.filter(|token| token.is_punct("-"));
            if negative.is_some() {
                literal = words.next();
            }
            let Some(literal) = literal.filter(|token| {
                token.kind == Kind::Number
                    || negative.is_none() && matches!(token.kind, Kind::String | Kind::Word)
            }) else {
                return Err(slip(equals.end(), "there is no default after the `=`"));
            };
            let start = negative.map_or(literal.start, |minus| minus.start);
            default = Some(self.default(kind, &literal, negative.is_some(), at + start)?);
            end = literal.end();
            next = words.next();
        }
        let description = match next {
            None => None,
            Some(open) if open.is_punct("(") && open.start >= end => {
                let inner = text.get(open.end()..).unwrap_or_default().trim();
                match inner.strip_suffix(')').map(str::trim).filter(|inner| !inner.is_empty()) {
                    Some(inner) => Some(inner.to_owned()),
                    None => {
                        return Err(slip(
                            open.start,
                            "put what it means between `(` and a `)` at the end of the line",
                        ));
                    }
                }
            }
            // 2026-11-20 is a sum to SQL.
            Some(other) if default.is_some() && (other.is_punct("-") || other.kind == Kind::Number) => {
                return Err(slip(
                    other.start,
                    "a default that is a time or an id goes in quotes, as in '2026-11-20'",
                ));
            }
            Some(other) => return Err(slip(other.start, "this is not part of a parameter")),
        };
        let parameter = Parameter { name: name.text.to_owned(), kind, default, description };
        header.parameters.push((parameter, at));
        Ok(())
    }

    fn default(&self, kind: Type, literal: &Token<'_>, negative: bool, at: usize) -> Result<Default> {
        if literal.is_word("null") {
            return Ok(Default::Value(super::Value::Null));
        }
        let bare = literal.kind == Kind::Word;
        if bare && kind.word_for_now() == Some(literal.text) {
            return Ok(Default::Now);
        }
        let sign = if negative { "-" } else { "" };
        let text = format!("{sign}{}", sql::unquote(literal.text));
        // A bare word is a word of the header's own: `= ada` would read as if `= null` were a text, too.
        let value = kind.read(&text).filter(|_| !bare || kind == Type::Boolean);
        value.map(Default::Value).ok_or_else(|| {
            let error = self.error(at, format!("`{text}` is not a default for the type {}", kind.as_str()));
            if bare && kind.read(&text).is_some() {
                return error.help(format!("put it in quotes: '{text}'"));
            }
            error.help(format!("it takes {}; null for a parameter that may be left out", kind.form()))
        })
    }

    /// Where the one statement begins, and where it ends without its semicolon.
    fn statement(&self) -> Result<(usize, usize)> {
        let text = self.file.text();
        let statements = sql::statements(text);
        let Some(first) = statements.first() else {
            return Err(self
                .error(text.len(), "the report has no statement")
                .help("write one SELECT below the header"));
        };
        let word = tokens(first.text).next();
        if !word.is_some_and(|word| ["SELECT", "WITH", "VALUES"].iter().any(|known| word.is_word(known))) {
            let found = word.map_or_else(String::new, |word| word.text.to_owned());
            return Err(self
                .error(first.start, format!("a report is a SELECT, and this begins with `{found}`"))
                .help("a report reads: write one SELECT, or WITH … SELECT"));
        }
        if let Some(second) = statements.get(1) {
            return Err(self
                .error(second.start, "a report is one statement, and a second one begins here")
                .help("make it a report of its own, in a file of its own"));
        }
        let end = first.text.strip_suffix(';').unwrap_or(first.text).trim_end().len();
        Ok((first.start, first.start + end))
    }

    /// Each variable is declared, and each declared parameter is used.
    fn variables(&self, start: usize, end: usize, parameters: &[(Parameter, usize)]) -> Result<()> {
        let sql = self.file.text().get(start..end).unwrap_or_default();
        let mut used = Vec::new();
        for token in tokens(sql).filter(|token| token.kind == Kind::Variable) {
            let Some(name) = token.text.strip_prefix(':') else {
                return Err(self
                    .error(start + token.start, format!("`{}` is not a parameter of a report", token.text))
                    .help("parameters are written `:name`, and declared in the header"));
            };
            if !parameters.iter().any(|(parameter, _)| parameter.name == name) {
                let known = parameters.iter().map(|(parameter, _)| parameter.name.as_str());
                let help = match nearest(name, known) {
                    Some(near) => format!("did you mean `:{near}`?"),
                    None => format!("declare it in the header: `-- param: {name} TYPE`"),
                };
                return Err(self
                    .error(start + token.start, format!("the parameter `:{name}` is not declared"))
                    .help(help));
            }
            used.push(name);
        }
        match parameters.iter().find(|(parameter, _)| !used.contains(&parameter.name.as_str())) {
            Some((parameter, at)) => Err(self
                .error(*at, format!("the parameter `{}` is declared and never used", parameter.name))
                .help(format!("write `:{}` in the statement, or remove the line", parameter.name))),
            None => Ok(()),
        }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests;
