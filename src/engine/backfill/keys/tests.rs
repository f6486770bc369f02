//! The law: whatever the keys are, and however they are kept, every key leads to its row and no other.

use std::collections::HashMap;

use proptest::prelude::*;
use rusqlite::types::Value;

use super::*;
use crate::backfill::{ORPHAN, ROOT};
use crate::engine::backfill::value::Collation;

fn reader(rows: usize, collation: Collation) -> Reader {
    Reader::new(Rule { collation, numeric: false }, rows).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Parents before and after their children, and parents that never come, in numbers that make the index grow; all
/// keys of one kind, or from some row on of another one.
#[test]
fn every_key_leads_to_its_row_and_no_other() {
    let ulid = |n: u32| text(&ulid::Ulid::from_parts(n.into(), n.into()).to_string());
    let integer = |n: u32| Value::Integer(i64::from(n) * 7 - 100);
    let word = |n: u32| text(&format!("key {n}"));
    let kinds: [&dyn Fn(u32) -> Value; 3] = [&ulid, &integer, &word];
    for (kind, key) in kinds.iter().enumerate() {
        for (other_kind, other) in kinds.iter().enumerate() {
            for change in [0, 1, 33, 2_500, 4_999] {
                let rows = 5_000;
                let key = |row: u32| if row % rows < change { key(row) } else { other(row) };
                assert_leads(rows, &key);
                if kind == other_kind {
                    break;
                }
            }
        }
    }
}

fn assert_leads(rows: u32, key: &dyn Fn(u32) -> Value) {
    let mut reader = reader(rows as usize, Collation::Binary);
    let missing = |row: u32| key(row + rows * 2);
    for row in 0..rows {
        let parent = match row % 4 {
            0 => key(rows - 1 - row),
            1 => missing(row),
            2 => key(row / 2),
            _ => Value::Null,
        };
        reader.add((&key(row)).into(), (&parent).into()).unwrap();
    }
    let Numbered { keys, parents, duplicates } = reader.finish().unwrap();
    assert!(duplicates.is_empty());
    for row in 0..rows {
        let expected = match row % 4 {
            0 => rows - 1 - row,
            1 => ORPHAN,
            2 => row / 2,
            _ => ROOT,
        };
        assert_eq!(parents[row as usize], expected, "row {row}");
        let key = key(row);
        assert_eq!(keys.get(row).unwrap().value(), ValueRef::from(&key));
        assert!(keys.is(row, (&key).into()));
        assert!(!keys.is((row + 1) % rows, (&key).into()));
        assert_eq!(keys.find((&key).into()), Some(row));
        assert_eq!(keys.find((&missing(row)).into()), None);
        assert_eq!(keys.find(ValueRef::Blob(b"key 1")), None);
    }
    assert!(keys.get(rows).is_none());
}

#[test]
fn a_row_keeps_its_own_spelling_when_its_parent_name_came_first() {
    for (child, parent, own) in [
        ("child", "top", "TOP"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5faa", "01ARZ3NDEKTSV4RRFFQ69G5FAA"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAA", "01arz3ndektsv4rrffq69g5faa"),
    ] {
        let mut reader = reader(2, Collation::NoCase);
        reader.add((&text(child)).into(), (&text(parent)).into()).unwrap();
        reader.add((&text(own)).into(), ValueRef::Null).unwrap();
        let Numbered { keys, parents, .. } = reader.finish().unwrap();
        assert_eq!(parents, [1, ROOT]);
        assert_eq!(keys.get(1).unwrap().value(), ValueRef::Text(own.as_bytes()));
    }
}

#[test]
fn a_key_that_is_there_already_is_reported_with_its_row() {
    let mut reader = reader(3, Collation::NoCase);
    for id in [Value::Integer(1), text("a"), text("A")] {
        reader.add((&id).into(), ValueRef::Null).unwrap();
    }
    assert!(
        reader.add(ValueRef::Text(b"b"), ValueRef::Null).is_err(),
        "a fourth row, where three were announced"
    );
    assert_eq!(reader.finish().unwrap().duplicates, [2]);
    let mut reader = Reader::new(Rule { collation: Collation::Binary, numeric: true }, 2).unwrap();
    reader.add(ValueRef::Integer(5), ValueRef::Text(b" 5.0")).unwrap();
    reader.add(ValueRef::Integer(5), ValueRef::Real(5.0)).unwrap();
    let Numbered { parents, duplicates, .. } = reader.finish().unwrap();
    assert_eq!((parents, duplicates), (vec![0, 0], vec![1]));
}

/// How the keys of rows come one behind the other.
#[derive(Debug, Clone, Copy)]
enum Order {
    WithoutGaps,
    WithGaps,
    /// In heaps, with gaps between them that double.
    InHeaps,
    Falling,
    Mixed,
    /// In order up to the middle.
    Broken,
    /// Two rows have one key now and then.
    Twice,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    /// Whatever the order of the keys is, and wherever parents stand, they are those of a plain map.
    #[test]
    fn parents_are_those_of_a_plain_map(
        order in prop::sample::select(vec![
            Order::WithoutGaps, Order::WithGaps, Order::InHeaps, Order::Falling, Order::Mixed, Order::Broken, Order::Twice,
        ]),
        rows in prop_oneof![0_i64..80, 900_i64..2_600],
        far in prop::collection::vec(-40_i64..4_000, 1..40),
        kinds in prop::sample::select(vec![(false, false), (true, true), (true, false), (false, true)]),
        first in -50_i64..50,
    ) {
        let number = |row: i64| match order {
            Order::WithoutGaps => first + row,
            Order::WithGaps => first + row * 3,
            Order::InHeaps => first + row + (1 << (row.clamp(-1_000, 5_000) / 100).max(0)),
            Order::Falling => first - row,
            Order::Mixed => first + row * 7_919 % 10_007,
            Order::Broken if row > rows / 2 => first - row,
            Order::Broken => first + row,
            Order::Twice => first + row - i64::from(row % 50 == 49),
        };
        let value = |number: i64, as_ulid: bool| match as_ulid {
            true => text(&ulid::Ulid::from_parts(0, (number + 1_000_000) as u128).to_string()),
            false => Value::Integer(number),
        };
        // Keys of another kind begin late, or never.
        let is_ulid = |row: i64| if row < rows - 5 { kinds.0 } else { kinds.1 };
        let ids: Vec<Value> = (0..rows).map(|row| value(number(row), is_ulid(row))).collect();
        let parent = |row: i64| match row % 5 {
            0 => None,
            1 => Some(value(number(row - 1), is_ulid(row - 1))),
            _ => {
                let other = far[row as usize % far.len()] * (1 + row % 3);
                Some(value(number(other), other >= 0 && is_ulid(other)))
            }
        };
        let mut map = HashMap::new();
        let mut twice = Vec::new();
        let name = |value: &Value| format!("{value:?}");
        for (row, id) in (0_u32..).zip(&ids) {
            match map.entry(name(id)) {
                std::collections::hash_map::Entry::Occupied(_) => twice.push(row),
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(row);
                }
            }
        }
        let mut reader = reader(rows as usize, Collation::Binary);
        for row in 0..rows {
            let parent = parent(row).unwrap_or(Value::Null);
            reader.add((&ids[row as usize]).into(), (&parent).into()).unwrap();
        }
        let Numbered { keys, parents, duplicates } = reader.finish().unwrap();
        prop_assert_eq!(&duplicates, &twice);
        for row in 0..rows {
            let expected = parent(row).map_or(ROOT, |parent| map.get(&name(&parent)).copied().unwrap_or(ORPHAN));
            // Which of two rows with one key is meant, nobody asks: they are refused.
            if twice.is_empty() {
                prop_assert_eq!(parents[row as usize], expected, "row {}", row);
            }
            prop_assert!(keys.is(row as u32, (&ids[row as usize]).into()));
        }
    }
}
