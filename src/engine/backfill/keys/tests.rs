//! The law: whatever the keys are, and however they are kept, every key leads to its row and no other.

use rusqlite::types::Value;

use super::*;
use crate::backfill::ORPHAN;
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
