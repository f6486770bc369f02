//! What many databases have in common.

use std::collections::HashMap;
use std::hash::Hash;

/// How many of a group are named.
pub const FIRST: usize = 3;

/// Those for which the same was said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group<K> {
    /// What was said.
    pub key: K,
    /// How many they are.
    pub count: usize,
    /// The first of them, by their numbers.
    pub first: Vec<usize>,
}

/// The groups of what was said, each with the number of whom it was said of: the largest first.
pub fn groups<K: Hash + Eq + Clone>(said: impl IntoIterator<Item = (usize, K)>) -> Vec<Group<K>> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<Group<K>> = Vec::new();
    for (number, key) in said {
        let place = *places.entry(key).or_insert_with_key(|key| {
            groups.push(Group { key: key.clone(), count: 0, first: Vec::new() });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(place) else { continue };
        group.count += 1;
        if group.first.len() < FIRST {
            group.first.push(number);
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_counted_and_the_first_of_each_are_known() {
        let found = groups("abbbabc".chars().enumerate());
        let shown: Vec<_> = found.iter().map(|g| (g.key, g.count, g.first.as_slice())).collect();
        assert_eq!(shown, [('b', 4, &[1, 2, 3][..]), ('a', 2, &[0, 4]), ('c', 1, &[6])]);
    }
}
