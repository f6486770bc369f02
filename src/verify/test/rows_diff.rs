//! Expected and actual rows, one below the other.

use crate::base::words::abridged;
use crate::migrations::testing::{ExpectedRow, Value};

/// How many lines are shown.
const LINES: usize = 20;

/// How many characters of a row are shown.
const WIDTH: usize = 300;

/// The rows as a small diff: two blanks before a row that is as expected, `-` before one that is missing, `+` before one
/// that was not expected. `more` is the number of actual rows that were not kept.
pub(crate) fn diff(expected: &[ExpectedRow], actual: &[Vec<Value>], more: u64) -> String {
    let steps = steps(expected, actual);
    let hidden = u64::try_from(steps.len().saturating_sub(LINES)).unwrap_or(0) + more;
    // What differs is what is to be seen: rows above the first difference go first.
    let first = steps.iter().position(|step| !matches!(step, Step::Same(_))).unwrap_or(0);
    let start = first.saturating_sub(3).min(steps.len().saturating_sub(LINES));
    let line = |step: &Step<'_>| match step {
        Step::Same(row) => format!("  {}", shown(row)),
        Step::Missing(row) => format!("- {}", abridged(&row.text(), WIDTH)),
        Step::Extra(row) => format!("+ {}", shown(row)),
    };
    let mut text: Vec<String> = steps.iter().skip(start).take(LINES).map(line).collect();
    if start > 0 {
        text.insert(0, format!("… {start} rows as expected"));
    }
    let below = hidden.saturating_sub(u64::try_from(start).unwrap_or(0));
    if below > 0 {
        text.push(format!("… {below} more"));
    }
    text.join("\n")
}

/// A row as a test file would have it.
pub(crate) fn shown(row: &[Value]) -> String {
    let text = row.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    abridged(&text, WIDTH).into_owned()
}

enum Step<'a> {
    Same(&'a [Value]),
    Missing(&'a ExpectedRow),
    Extra(&'a [Value]),
}

/// The shortest way from one list to the other: the longest common subsequence. Both lists are as long as a test's list of
/// expectations, or little more.
fn steps<'a>(expected: &'a [ExpectedRow], actual: &'a [Vec<Value>]) -> Vec<Step<'a>> {
    let (n, m) = (expected.len(), actual.len());
    // common[i][j]: how many rows of expected[i..] and actual[j..] can be matched.
    let mut common = vec![vec![0_u32; m + 1]; n + 1];
    let at = |common: &[Vec<u32>], i: usize, j: usize| {
        common.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0)
    };
    for (i, row) in expected.iter().enumerate().rev() {
        for (j, found) in actual.iter().enumerate().rev() {
            let best = if row.matches(found) {
                at(&common, i + 1, j + 1) + 1
            } else {
                at(&common, i + 1, j).max(at(&common, i, j + 1))
            };
            if let Some(cell) = common.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut steps = Vec::with_capacity(n.max(m));
    loop {
        match (expected.get(i), actual.get(j)) {
            (Some(row), Some(found)) if row.matches(found) => {
                steps.push(Step::Same(found));
                (i, j) = (i + 1, j + 1);
            }
            (Some(row), Some(_)) if at(&common, i + 1, j) >= at(&common, i, j + 1) => {
                steps.push(Step::Missing(row));
                i += 1;
            }
            (_, Some(found)) => {
                steps.push(Step::Extra(found));
                j += 1;
            }
            (Some(row), None) => {
                steps.push(Step::Missing(row));
                i += 1;
            }
            (None, None) => return steps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[&str]) -> (Vec<ExpectedRow>, Vec<Vec<Value>>) {
        let value = |text: &str| vec![Value::Text(text.to_owned())];
        (
            texts.iter().map(|text| ExpectedRow::parse(text)).collect(),
            texts.iter().map(|t| value(t)).collect(),
        )
    }

    #[test]
    fn a_row_that_is_missing_does_not_make_the_others_different() {
        let (expected, _) = rows(&["a", "b", "c"]);
        let (_, actual) = rows(&["b", "x", "c", "d"]);
        assert_eq!(diff(&expected, &actual, 2), "- a\n  b\n+ x\n  c\n+ d\n… 2 more");
        assert_eq!(diff(&expected, &[], 0), "- a\n- b\n- c");
    }

    #[test]
    fn long_lists_are_cut_around_the_first_difference() {
        let names: Vec<String> = (0..50).map(|n| format!("r{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (expected, mut actual) = rows(&names);
        actual[30] = vec![Value::Null];
        let text = diff(&expected, &actual, 0);
        assert!(
            text.starts_with("… 27 rows as expected\n  r27\n  r28\n  r29\n- r30\n+ NULL\n  r31"),
            "{text}"
        );
        assert!(text.ends_with("… 4 more"), "{text}");
        assert_eq!(text.lines().count(), LINES + 2);
    }
}
