//! The known name that a mistyped one was probably meant to be. Every "did you mean" comes from here.

use std::cmp::Reverse;

/// No name that anybody types is longer; the comparison takes the product of both lengths.
const LONGEST: usize = 128;
/// How many names a message lists when none is near.
const LISTED: usize = 20;

/// What to say of a name that is not known: the nearest one, else those that there are (the first 20).
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there are none".to_owned(),
        None => {
            let listed = known.iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>();
            let more = match known.len() - listed.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("known: {}{more}", listed.join(", "))
        }
    }
}

/// The known name that `name` was probably meant to be: a slip of it, else the shortest that has all its words
/// (`plans` of `v3_plans`, `default_column` of `column-default`).
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    slip(name, known.iter().copied()).or_else(|| {
        let wanted = words(name);
        let has_all = |candidate: &&&str| {
            let words = words(candidate);
            wanted.iter().all(|word| word.chars().count() > 1 && words.contains(word))
        };
        if wanted.is_empty() {
            return None;
        }
        known.iter().filter(has_all).min_by_key(|candidate| candidate.len()).copied()
    })
}

/// The known name of which `name` is a slip of the keyboard: at most a third of the letters are wrong, missing, too
/// many or swapped. Upper and lower case, `_`, `-` and space make no difference.
pub fn slip<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = normal(name);
    let length = typed.chars().count();
    let distance = |candidate: &str| {
        let candidate = normal(candidate);
        let other = candidate.chars().count();
        let allowed = (length.max(other) / 3).max(1);
        if length > LONGEST || other > LONGEST || length.abs_diff(other) > allowed {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&typed, &candidate);
        // One letter for another one is no slip: nothing is left to recognise it by.
        (distance <= allowed && (distance == 0 || distance < length.max(other)))
            .then_some((distance, common_start(&typed, &candidate)))
    };
    known
        .into_iter()
        .filter_map(|candidate| {
            distance(candidate).map(|(distance, start)| (distance, Reverse(start), candidate))
        })
        .min()
        .map(|(.., candidate)| candidate)
}

/// The known name that `name` differs from by one letter, or two that were swapped: too little for another name. Upper and
/// lower case make no difference.
pub fn misspelt<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = normal(name);
    let near = |candidate: &&str| {
        let candidate = normal(candidate);
        typed.len() <= LONGEST && strsim::damerau_levenshtein(&typed, &candidate) == 1
    };
    known.into_iter().find(near)
}

fn normal(name: &str) -> String {
    name.chars().map(|c| if matches!(c, '_' | ' ') { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

fn words(name: &str) -> Vec<String> {
    normal(name).split('-').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn common_start(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slip_of_the_keyboard_is_recognised_and_another_word_is_not() {
        let known = ["backfill", "irreversible", "allow"];
        assert_eq!(slip("backfil", known), Some("backfill"));
        assert_eq!(slip("bakcfill", known), Some("backfill"));
        assert_eq!(slip("Allow", known), Some("allow"));
        assert_eq!(slip("rename", known), None);
        assert_eq!(slip("", known), None);
        assert_eq!(slip("x", ["a", "b"]), None, "nothing of it is right");
        assert_eq!(slip("id", ["ID"]), Some("ID"));
        assert_eq!(slip("tt", ["t"]), Some("t"));
        assert_eq!(slip("sqlite_version", ["sqlite-version", "spec"]), Some("sqlite-version"));
        assert_eq!(slip("column-defalt", ["column-collation", "column-default"]), Some("column-default"));
    }

    #[test]
    fn of_two_that_are_equally_near_the_one_that_begins_alike_is_taken() {
        assert_eq!(slip("tasks", ["masks", "tasky"]), Some("tasky"));
        assert_eq!(slip("plan_ib", ["plan_ia", "plan_ic"]), Some("plan_ia"), "else the first by name");
    }

    #[test]
    fn a_name_that_has_all_the_words_is_near_too() {
        let tables = ["plan_projects", "v3_plans", "v3_plans_archive", "tasks"];
        assert_eq!(nearest("plans", tables), Some("v3_plans"));
        assert_eq!(nearest("projects_plan", tables), Some("plan_projects"));
        assert_eq!(slip("projects_plan", tables), None);
        assert_eq!(nearest("orders", tables), None);
        assert_eq!(nearest("_", tables), None);
    }

    #[test]
    fn without_a_near_one_the_known_ones_are_listed_up_to_twenty() {
        assert_eq!(did_you_mean("rename", ["allow", "backfill"]), "known: `allow`, `backfill`");
        assert_eq!(did_you_mean("rename", ["root-ancestor"]), "known: `root-ancestor`");
        assert_eq!(did_you_mean("rename", []), "there are none");
        let many: Vec<String> = (100..130).map(|n| format!("table{n}")).collect();
        let said = did_you_mean("x", many.iter().map(String::as_str));
        assert!(said.ends_with("`table119` and 10 more"), "{said}");
    }

    #[test]
    fn a_name_of_megabytes_is_none_and_costs_nothing() {
        let long = "a".repeat(4 << 20);
        assert_eq!(slip(&long, [long.as_str(), "a"]), None);
    }

    proptest! {
        /// One letter too many, at any place, of any name of three letters or more leads back to it.
        #[test]
        fn a_letter_too_many_leads_back(name in "[a-z]{3,20}", at in 0..3_usize, extra in "[a-z]") {
            let mut typed = name.clone();
            typed.insert_str(at, &extra);
            prop_assert_eq!(slip(&typed, [name.as_str(), "0123456789"]), Some(name.as_str()));
        }

        #[test]
        fn what_is_named_is_known_and_the_name_itself_is_nearest(
            name in "\\PC{1,12}", known in proptest::collection::vec("\\PC{1,12}", 0..6)
        ) {
            if let Some(near) = nearest(&name, known.iter().map(String::as_str)) {
                prop_assert!(known.iter().any(|known| known == near));
            }
            if normal(&name).chars().count() > 0 {
                let near = slip(&name, [name.as_str()]);
                prop_assert_eq!(near, Some(name.as_str()));
            }
        }
    }
}
