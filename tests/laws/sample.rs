//! Laws of the generated plans, for whatever shape is asked for. Parents are followed here row by row; the generator
//! never does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use planctl::error::ErrorKind;
use planctl::internals::sample::{Asked, Field, PlanRow, Plans, Roots, Shape};
use proptest::prelude::*;

fn asked() -> impl Strategy<Value = Asked> {
    let roots = prop_oneof![Just(Roots::True), Just(Roots::None), Just(Roots::Own), Just(Roots::Parent)];
    let numbers = (1..400_u64, prop::option::of(1..9_u64), 1..6_u64, 0..30_u64, 0..12_u64);
    (numbers, any::<u64>(), roots).prop_map(|((plans, depth, fan_out, orphans, cycles), seed, roots)| Asked {
        plans,
        depth,
        fan_out,
        orphans,
        cycles,
        seed,
        roots,
    })
}

fn rows(asked: &Asked) -> Vec<PlanRow> {
    Plans::new(&Shape::new(asked).unwrap()).collect()
}

/// What following its parents from a row leads to.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
enum End {
    /// A root, so many levels up; a root is at level 1.
    Root(String, usize),
    /// A parent that does not exist, and whether it is the row's own.
    Missing(bool),
    /// A cycle, by its smallest id.
    Cycle(String),
}

fn end_of(id: &str, parents: &HashMap<&str, Option<&str>>) -> End {
    let mut way = vec![id];
    loop {
        let at = way[way.len() - 1];
        match parents.get(at) {
            None => return End::Missing(way.len() == 2),
            Some(None) => return End::Root(at.to_owned(), way.len()),
            Some(Some(parent)) => match way.iter().position(|seen| seen == parent) {
                Some(from) => return End::Cycle((*way[from..].iter().min().unwrap()).to_owned()),
                None => way.push(parent),
            },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_asked_for_is_made_or_refused_for_a_reason(asked in asked()) {
        let Asked { plans, depth, orphans, cycles, .. } = asked;
        let shape = match Shape::new(&asked) {
            Ok(shape) => shape,
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::Usage);
                let least = orphans + 2 * cycles;
                prop_assert!(plans < least || depth.is_some_and(|depth| least < plans && plans < least + depth));
                return Ok(());
            }
        };
        let rows: Vec<PlanRow> = Plans::new(&shape).collect();
        prop_assert_eq!(rows.len() as u64, plans);
        let parents: HashMap<&str, Option<&str>> =
            rows.iter().map(|row| (row.id.as_str(), row.parent.as_ref().map(|id| id.as_str()))).collect();
        let (mut missing, mut rings, mut deepest) = (0, BTreeMap::<String, u64>::new(), 0);
        let mut trees = BTreeMap::<String, u64>::new();
        for row in &rows {
            let id = row.id.as_str();
            let truth = match end_of(id, &parents) {
                End::Root(root, levels) => {
                    deepest = deepest.max(levels as u64);
                    *trees.entry(root.clone()).or_default() += 1;
                    root
                }
                End::Missing(own) => {
                    prop_assert!(own, "nothing is below an orphan");
                    missing += 1;
                    id.to_owned()
                }
                End::Cycle(ring) => {
                    *rings.entry(ring).or_default() += 1;
                    id.to_owned()
                }
            };
            let root = match asked.roots {
                Roots::True => Some(truth.as_str()),
                Roots::None => None,
                Roots::Own => Some(id),
                Roots::Parent => row.parent.as_ref().map(|id| id.as_str()).or(Some(id)),
            };
            prop_assert_eq!(row.value(Field::Root), root);
        }
        prop_assert_eq!((missing, rings.len() as u64), (orphans, cycles));
        prop_assert!(rings.values().all(|rows| (2..=4).contains(rows)), "{:?}", rings);
        let in_trees: u64 = trees.values().sum();
        if in_trees > 0 {
            let limit = depth.unwrap_or(4);
            prop_assert_eq!(deepest, limit.min(in_trees));
        }
        // All trees are alike but the last one, which ends where the plans do.
        let sizes: Vec<u64> = trees.into_values().collect();
        if let Some((last, others)) = sizes.split_last() {
            prop_assert!(others.iter().all(|size| *size == sizes[0]) && *last <= sizes[0], "{:?}", sizes);
        }
        let mut children = BTreeMap::<&str, u64>::new();
        for row in rows.iter().filter_map(|row| row.parent.as_ref()) {
            *children.entry(row.as_str()).or_default() += 1;
        }
        prop_assert!(children.values().all(|count| *count <= asked.fan_out));
    }

    #[test]
    fn ids_ascend_parents_come_first_and_values_are_the_specifications(asked in asked()) {
        let Ok(shape) = Shape::new(&asked) else { return Ok(()) };
        let rows: Vec<PlanRow> = Plans::new(&shape).collect();
        prop_assert!(rows.is_sorted_by(|a, b| a.id < b.id));
        let mut late = 0;
        for row in &rows {
            prop_assert!(planctl::internals::row_checks::text::is_ulid(row.id.as_str().as_bytes()));
            late += u64::from(row.parent.is_some_and(|parent| parent > row.id));
            let (phase, state) = (row.value(Field::Phase).unwrap(), row.value(Field::State).unwrap());
            prop_assert!(["strategize", "execute", "apply", "applied"].contains(&phase));
            prop_assert!(["queued", "processing", "errored", "complete", "cancelled"].contains(&state));
            prop_assert!(phase != "applied" || state == "complete");
        }
        // On a cycle every row but one comes before its parent.
        let census = { let mut plans = Plans::new(&shape); plans.by_ref().for_each(drop); plans.census() };
        prop_assert_eq!(late, census.cycle_rows - census.cycles);
    }

    #[test]
    fn equal_seed_equal_rows_and_another_seed_shares_no_id(asked in asked(), other: u64) {
        if Shape::new(&asked).is_err() {
            return Ok(());
        }
        let first = rows(&asked);
        prop_assert_eq!(&first, &rows(&asked));
        if other != asked.seed {
            let other = rows(&Asked { seed: other, ..asked });
            let ids: BTreeSet<&str> = first.iter().map(|row| row.id.as_str()).collect();
            prop_assert!(other.iter().all(|row| !ids.contains(row.id.as_str())));
        }
    }
}

/// Seeds that lie side by side are the ones that people take.
#[test]
fn seeds_side_by_side_share_no_id() {
    let mut ids = BTreeSet::new();
    for seed in 0..200 {
        for row in rows(&Asked { plans: 50, seed, ..Asked::default() }) {
            assert!(ids.insert(row.id), "{seed}: {}", row.id.as_str());
        }
    }
}

/// Orphans and cycles are found in every part of the table, not at its end.
#[test]
fn what_is_wrong_is_spread_evenly() {
    let asked = Asked { plans: 10_000, orphans: 100, cycles: 50, ..Asked::default() };
    let rows = rows(&asked);
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    for part in rows.chunks(1_000) {
        let missing = |row: &&PlanRow| row.parent.as_ref().is_some_and(|id| !ids.contains(id.as_str()));
        let orphans = part.iter().filter(missing).count();
        let late = part.iter().filter(|row| row.parent.is_some_and(|parent| parent > row.id)).count();
        assert!((9..=11).contains(&orphans), "{orphans}");
        assert!((5..=17).contains(&late), "{late}");
    }
}
