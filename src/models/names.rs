//! Names for what a schema has, in a language that has its own rules for names.

use std::collections::BTreeSet;

/// Hands out names, each once.
pub(super) struct NamesTaken {
    taken: BTreeSet<String>,
}

impl NamesTaken {
    /// None of `reserved` is handed out.
    pub(super) fn new<'n>(reserved: impl IntoIterator<Item = &'n str>) -> NamesTaken {
        NamesTaken { taken: reserved.into_iter().map(str::to_owned).collect() }
    }

    /// The name itself, or with an underscore or a number behind it when it is taken.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        self.first_free(wanted, |number| match number {
            2 => format!("{wanted}_"),
            number => format!("{wanted}_{}", number - 1),
        })
    }

    /// The name itself, or with a number behind it when it is taken.
    pub(super) fn take_numbered(&mut self, wanted: &str) -> String {
        self.first_free(wanted, |number| format!("{wanted}{number}"))
    }

    fn first_free(&mut self, wanted: &str, other: impl Fn(u32) -> String) -> String {
        let mut name = wanted.to_owned();
        let mut number = 1;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = other(number);
        }
        name
    }
}

/// The words of a name: divided by what is no letter or digit, and where a capital begins a new one.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let behind = chars.get(at + 1);
        let begins = c.is_ascii_uppercase()
            && (before.is_some_and(|before| before.is_ascii_lowercase() || before.is_ascii_digit())
                || before.is_some_and(char::is_ascii_uppercase)
                    && behind.is_some_and(char::is_ascii_lowercase));
        if begins || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(*c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `PlanProjects`
pub(super) fn camel(name: &str) -> String {
    let capital = |word: String| {
        let (first, rest) = word.split_at(1);
        // A word in capitals alone is one.
        let rest = if rest.bytes().all(|b| !b.is_ascii_lowercase()) {
            rest.to_ascii_lowercase()
        } else {
            rest.to_owned()
        };
        first.to_ascii_uppercase() + &rest
    };
    let name: String = words(name).into_iter().map(capital).collect();
    begun_with_a_letter(name, "T")
}

/// `plan_projects`
pub(super) fn snake(name: &str) -> String {
    begun_with_a_letter(words(name).join("_").to_ascii_lowercase(), "n")
}

/// `PLAN_PROJECTS`
pub(super) fn capitals(name: &str) -> String {
    begun_with_a_letter(words(name).join("_").to_ascii_uppercase(), "V")
}

fn begun_with_a_letter(name: String, letter: &str) -> String {
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("{letter}{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words_and_put_together() {
        for (name, as_class, as_field, as_constant) in [
            ("plan_projects", "PlanProjects", "plan_projects", "PLAN_PROJECTS"),
            ("v3_plans", "V3Plans", "v3_plans", "V3_PLANS"),
            ("CustomerID", "CustomerId", "customer_id", "CUSTOMER_ID"),
            ("HTMLPage", "HtmlPage", "html_page", "HTML_PAGE"),
            ("o'brien x", "OBrienX", "o_brien_x", "O_BRIEN_X"),
            ("2nd", "T2nd", "n2nd", "V2ND"),
            ("é", "T", "n", "V"),
            ("", "T", "n", "V"),
        ] {
            assert_eq!(
                (camel(name), snake(name), capitals(name)),
                (as_class.into(), as_field.into(), as_constant.into()),
                "{name}"
            );
        }
    }

    #[test]
    fn no_name_is_handed_out_twice() {
        let mut names = NamesTaken::new(["class"]);
        let given: Vec<String> = ["class", "a", "a", "a", "a_"].iter().map(|name| names.take(name)).collect();
        assert_eq!(given, ["class_", "a", "a_", "a_2", "a__"]);
    }
}
