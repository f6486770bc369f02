//! What a query was given, held against what it takes.

use time::OffsetDateTime;

use super::{Default, Parameter, Query, Value};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::nearest;

/// A parameter and the value that it has in this run.
#[derive(Clone, PartialEq, Debug)]
pub struct Bound {
    /// Its name, without the colon.
    pub name: String,
    /// Its value.
    pub value: Value<'static>,
}

/// The value of each parameter, in the order of the header: the one of `given` (`name=value`), else the default, for
/// which the run started at `now`.
///
/// # Errors
/// [`ErrorKind::Usage`], with all that the query takes, when something is given that it does not take, given twice, of
/// another type, or not given though it has to be.
pub fn bind(query: &Query, given: &[String], now: OffsetDateTime) -> Result<Vec<Bound>> {
    let usage = |message: String| Error::new(ErrorKind::Usage, message);
    let mut values: Vec<Option<Value<'static>>> = vec![None; query.parameters.len()];
    for argument in given {
        let Some((name, text)) = argument.split_once('=') else {
            return Err(explained(
                usage(format!("`{argument}` has no value: write it as name=value")),
                query,
            ));
        };
        let place = query.parameters.iter().position(|parameter| parameter.name == name);
        let Some((parameter, value)) = place.and_then(|at| query.parameters.get(at).zip(values.get_mut(at)))
        else {
            let known = query.parameters.iter().map(|parameter| parameter.name.as_str());
            let meant =
                nearest(name, known).map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
            return Err(explained(usage(format!("{} has no parameter `{name}`{meant}", query.name)), query));
        };
        if value.is_some() {
            return Err(explained(usage(format!("the parameter `{name}` is given twice")), query));
        }
        *value = read(parameter, text, now);
        if value.is_none() {
            let message =
                format!("the parameter `{name}` cannot be `{text}`: it takes {}", parameter.kind.form());
            return Err(explained(usage(message), query));
        }
    }
    let bound = query.parameters.iter().zip(values).map(|(parameter, value)| {
        let value = value.or_else(|| match parameter.default.as_ref()? {
            Default::Value(value) => Some(value.clone()),
            Default::Now => parameter.kind.at(now),
        });
        let Some(value) = value else {
            let message = format!("{} needs the parameter `{}`", query.name, parameter.name);
            return Err(explained(usage(message), query));
        };
        Ok(Bound { name: parameter.name.clone(), value })
    });
    bound.collect()
}

fn read(parameter: &Parameter, text: &str, now: OffsetDateTime) -> Option<Value<'static>> {
    if parameter.kind.word_for_now() == Some(text) {
        return parameter.kind.at(now);
    }
    parameter.kind.read(text)
}

/// Says what the query takes.
fn explained(error: Error, query: &Query) -> Error {
    if query.parameters.is_empty() {
        return error.help(format!("{} takes no parameters", query.name));
    }
    let lines: Vec<String> =
        query.parameters.iter().map(|parameter| format!("  --param {parameter}")).collect();
    error.help(format!("{} takes\n{}", query.name, lines.join("\n")))
}

/// As help shows it: `days=INTEGER, how many days to look back [default: 7]`
impl std::fmt::Display for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.name, self.kind.as_str().to_uppercase())?;
        if let Some(description) = &self.description {
            write!(f, ", {description}")?;
        }
        match self.default_text() {
            Some(default) => write!(f, " [default: {default}]"),
            None => f.write_str(" [required]"),
        }
    }
}

impl Parameter {
    /// Its default as it would be given; `None` when it has to be given.
    pub fn default_text(&self) -> Option<String> {
        match self.default.as_ref()? {
            Default::Now => self.kind.word_for_now().map(str::to_owned),
            Default::Value(Value::Integer(number)) if self.kind == super::Type::Boolean => {
                Some((*number != 0).to_string())
            }
            Default::Value(Value::Text(text)) if self.kind == super::Type::Text => {
                Some(crate::sql::quote_string(text))
            }
            Default::Value(value) => Some(value.text().into_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;

    use super::*;
    use crate::base::source::SourceFile;

    const HEADER: &str = "-- title: T\n-- param: task uuid (which one)\n-- param: days integer = 7\n\
                          -- param: now datetime = now\n-- param: like text = null\n\
                          SELECT :task, :days, :now, :like";

    fn bound(given: &[&str]) -> Result<Vec<String>> {
        let query = Query::parse("q", SourceFile::new("q.sql", HEADER)).unwrap();
        let given: Vec<String> = given.iter().map(|&text| text.to_owned()).collect();
        let now = OffsetDateTime::parse("2026-11-20T12:00:00Z", &Rfc3339).unwrap();
        let bound = bind(&query, &given, now)?;
        Ok(bound.into_iter().map(|bound| format!("{}={}", bound.name, bound.value.text())).collect())
    }

    const TASK: &str = "task=944782d7-3418-42c5-9b24-10a6f0ae1284";

    #[test]
    fn what_is_given_beats_the_default() {
        assert_eq!(bound(&[TASK]).unwrap(), [TASK, "days=7", "now=2026-11-20T12:00:00Z", "like=NULL"]);
        assert_eq!(
            bound(&["like=a=b'; --", "days=-1", TASK, "now=2026-01-01"]).unwrap(),
            [TASK, "days=-1", "now=2026-01-01T00:00:00Z", "like=a=b'; --"]
        );
        assert_eq!(bound(&[TASK, "now=now"]).unwrap()[2], "now=2026-11-20T12:00:00Z");
    }

    #[test]
    fn what_cannot_be_is_refused_with_all_that_the_query_takes() {
        for (given, message) in [
            (&["days=7"][..], "q needs the parameter `task`"),
            (&[TASK, "dayz=7"], "q has no parameter `dayz`: did you mean `days`?"),
            (&[TASK, "x=7"], "q has no parameter `x`"),
            (&[TASK, TASK], "the parameter `task` is given twice"),
            (&[TASK, "days"], "`days` has no value: write it as name=value"),
            (
                &[TASK, "days=seven"],
                "the parameter `days` cannot be `seven`: it takes a whole number, as in 7",
            ),
            (
                &["task=1' OR '1'='1"],
                "the parameter `task` cannot be `1' OR '1'='1`: it takes a UUID: 8-4-4-4-12 \
                                      hexadecimal digits",
            ),
        ] {
            let error = bound(given).unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::Usage, message));
            assert_eq!(
                error.help_text(),
                Some(
                    "q takes\n  --param task=UUID, which one [required]\n  --param days=INTEGER [default: 7]\n  \
                     --param now=DATETIME [default: now]\n  --param like=TEXT [default: NULL]"
                )
            );
        }
    }
}
