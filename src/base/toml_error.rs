//! What the TOML reader says of a file, at its place and with what to do.

use super::error::{Error, ErrorKind};
use super::nearest::did_you_mean;
use super::source::SourceFile;

/// `error`, which reading `source` from byte `offset` on (behind a byte order mark) came to.
pub fn refused(source: &SourceFile, offset: usize, error: &toml::de::Error) -> Error {
    let said = error.message().lines().next().unwrap_or_default().trim();
    let span = error.span().unwrap_or(0..0);
    let location = source.location(offset + span.start);
    let refused = |message: String| Error::new(ErrorKind::Config, message).at(location);
    if let Some((key, known)) = unknown_key(said) {
        return refused(format!("there is no key `{key}` here")).help(did_you_mean(key, known));
    }
    if let Some(key) = said.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return refused(format!("the entry has no `{key}`")).help(format!("add a line `{key} = \"…\"`"));
    }
    if let Some((found, wanted)) =
        said.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        return refused(format!("{wanted} belongs here, not {found}"));
    }
    refused(format!("not valid TOML: {said}"))
}

/// The key and the known ones of serde's "unknown field `x`, expected one of `a`, `b`".
fn unknown_key(said: &str) -> Option<(&str, Vec<&str>)> {
    let (key, known) = said.strip_prefix("unknown field `")?.split_once("`, expected ")?;
    Some((key, known.split('`').skip(1).step_by(2).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read only by serde")]
    struct Entry {
        table: String,
        link: Option<String>,
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_what_to_do() {
        let said = |text: &str| {
            let source = SourceFile::new("a.toml", text);
            let error = refused(&source, 0, &toml::from_str::<Entry>(text).unwrap_err());
            format!("{error} | {}", error.help_text().unwrap_or_default())
        };
        assert_eq!(said("tabel = 'x'"), "a.toml:1:1: there is no key `tabel` here | did you mean `table`?");
        assert_eq!(said("\nzebra = 1"), "a.toml:2:1: there is no key `zebra` here | known: `table`, `link`");
        assert_eq!(said("link = ''"), "a.toml:1:1: the entry has no `table` | add a line `table = \"…\"`");
        assert_eq!(said("table = 5"), "a.toml:1:9: a string belongs here, not integer `5` | ");
        assert_eq!(
            said("table = "),
            "a.toml:1:9: not valid TOML: string values must be quoted, expected literal string | "
        );
    }
}
