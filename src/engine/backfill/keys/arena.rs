//! Values in few bytes, one behind the other, on 4-byte boundaries.

use rusqlite::types::ValueRef;

use crate::base::error::{Error, ErrorKind, Result};

/// Bytes of a chunk. Chunks are never moved, so that growing costs neither a copy nor twice the memory for a moment.
const CHUNK: usize = 1 << 16;
const UNIT: usize = 4;
const UNITS: usize = CHUNK / UNIT;

// The first byte of a value: its class, and the length of a text that is short enough.
const INTEGER: u8 = 0;
const REAL: u8 = 1;
const BLOB: u8 = 2;
const LONG_TEXT: u8 = 3;
const SHORT_TEXT: u8 = 4;

/// See the module.
pub(crate) struct Arena {
    /// A value that needs more than one chunk lies in one of its own size, followed by empty ones in the place of
    /// those that it covers.
    chunks: Vec<Vec<u8>>,
    /// What the first chunk takes: a small table needs no whole one.
    first: usize,
}

impl Arena {
    /// For about `values` values.
    pub(crate) fn new(values: usize) -> Arena {
        Arena { chunks: Vec::new(), first: values.saturating_mul(32).clamp(64, CHUNK) }
    }

    /// Keeps a copy of `value`, which is not NULL, and gives its address.
    pub(crate) fn push(&mut self, value: ValueRef<'_>) -> Result<u32> {
        match value {
            ValueRef::Null => self.write(&[BLOB, 0, 0, 0, 0], &[]),
            ValueRef::Integer(value) => self.write(&[INTEGER], &value.to_le_bytes()),
            ValueRef::Real(value) => self.write(&[REAL], &value.to_bits().to_le_bytes()),
            ValueRef::Text(bytes) => match u8::try_from(bytes.len() + usize::from(SHORT_TEXT)) {
                Ok(head) => self.write(&[head], bytes),
                Err(_) => self.write_long(LONG_TEXT, bytes),
            },
            ValueRef::Blob(bytes) => self.write_long(BLOB, bytes),
        }
    }

    fn write_long(&mut self, class: u8, bytes: &[u8]) -> Result<u32> {
        let [a, b, c, d] = u32::try_from(bytes.len()).map_err(|_| too_many())?.to_le_bytes();
        self.write(&[class, a, b, c, d], bytes)
    }

    fn write(&mut self, head: &[u8], bytes: &[u8]) -> Result<u32> {
        let len = head.len() + bytes.len();
        let fits = self.chunks.last().is_some_and(|chunk| {
            let start = chunk.len().next_multiple_of(UNIT);
            start < CHUNK && start + len <= chunk.capacity()
        });
        if !fits {
            let size = if self.chunks.is_empty() { self.first } else { CHUNK };
            // Chunks that the last value reaches into are taken.
            let covered = self.chunks.last().map_or(0, |chunk| chunk.len().saturating_sub(1) / CHUNK);
            self.chunks.extend(std::iter::repeat_n(Vec::new(), covered));
            self.chunks.push(Vec::with_capacity(size.max(len)));
        }
        let number = self.chunks.len() - 1;
        let Some(chunk) = self.chunks.last_mut() else { return Err(too_many()) };
        let start = chunk.len().next_multiple_of(UNIT);
        chunk.resize(start, 0);
        chunk.extend_from_slice(head);
        chunk.extend_from_slice(bytes);
        u32::try_from(number * UNITS + start / UNIT).map_err(|_| too_many())
    }

    /// The value at an address that [`Arena::push`] gave; NULL at any other.
    #[inline]
    pub(crate) fn get(&self, address: u32) -> ValueRef<'_> {
        let (chunk, start) = (address as usize / UNITS, address as usize % UNITS * UNIT);
        self.chunks.get(chunk).and_then(|chunk| chunk.get(start..)).and_then(decode).unwrap_or(ValueRef::Null)
    }
}

#[inline]
fn decode(bytes: &[u8]) -> Option<ValueRef<'_>> {
    let (&head, rest) = bytes.split_first()?;
    Some(match head {
        INTEGER => ValueRef::Integer(i64::from_le_bytes(*rest.first_chunk()?)),
        REAL => ValueRef::Real(f64::from_bits(u64::from_le_bytes(*rest.first_chunk()?))),
        BLOB | LONG_TEXT => {
            let (len, rest) = rest.split_first_chunk()?;
            let bytes = rest.get(..u32::from_le_bytes(*len) as usize)?;
            if head == BLOB { ValueRef::Blob(bytes) } else { ValueRef::Text(bytes) }
        }
        _ => ValueRef::Text(rest.get(..usize::from(head - SHORT_TEXT))?),
    })
}

fn too_many() -> Error {
    Error::new(ErrorKind::Data, "the keys need more than the 16 GiB that a backfill can address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were() {
        let mut arena = Arena::new(3);
        let long: Vec<Vec<u8>> =
            [0, 1, 26, 250, 251, 252, 253, 5_000, CHUNK - 6, CHUNK - 5, CHUNK - 4, CHUNK + 1, 3 * CHUNK]
                .into_iter()
                .map(|len| (0..len).map(|i| i as u8).collect())
                .collect();
        let mut values = vec![ValueRef::Integer(i64::MIN), ValueRef::Integer(0), ValueRef::Real(-0.0)];
        for _ in 0..20 {
            values.extend(long.iter().flat_map(|bytes| [ValueRef::Text(bytes), ValueRef::Blob(bytes)]));
        }
        let addresses: Vec<u32> = values.iter().map(|&value| arena.push(value).unwrap()).collect();
        for (&value, &address) in values.iter().zip(&addresses) {
            assert_eq!(arena.get(address), value);
        }
        assert!(addresses.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_key_of_26_characters_takes_28_bytes() {
        let mut arena = Arena::new(1_000_000);
        let addresses: Vec<u32> =
            (0..10_000).map(|i| arena.push(ValueRef::Text(format!("{i:026}").as_bytes())).unwrap()).collect();
        let last = usize::try_from(*addresses.last().unwrap()).unwrap() * UNIT;
        assert!(last < 10_000 * 28 + CHUNK, "{last}");
    }
}
