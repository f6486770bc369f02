//! What a disk holds when the power goes: what was synchronised, and of the rest a part.
//!
//! Files and names are kept apart, as file systems do. A write or truncation is sure once its file was synchronised, a new
//! or a removed name once the folder was. Until then
//!
//! - each sector of 512 bytes holds what one of the writes to it left, or what was there before all of them: they reach
//!   the disk in order for one sector, in any order for two, so that a write of more than one sector can be torn;
//! - a truncation has happened or not;
//! - each name stands as one of the operations on it left it, or as before all of them: a journal that was deleted can
//!   be back.
//!
//! These are the assumptions that SQLite makes of a disk (<https://www.sqlite.org/atomiccommit.html#_hardware_assumptions>).

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

const SECTOR: u64 = 512;

/// A file, whatever names it has.
#[derive(Clone, Default)]
struct File {
    synchronised: Vec<u8>,
    since: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Truncate { size: u64 },
}

/// The file behind a name, if any.
#[derive(Clone, Default)]
struct Name {
    synchronised: Option<usize>,
    since: Vec<Option<usize>>,
}

impl Name {
    fn now(&self) -> Option<usize> {
        self.since.last().copied().unwrap_or(self.synchronised)
    }
}

/// One folder on a disk.
#[derive(Clone)]
pub(crate) struct Disk {
    folder: PathBuf,
    files: Vec<File>,
    names: BTreeMap<String, Name>,
}

impl Disk {
    /// All that is in `folder` now counts as synchronised.
    pub(crate) fn of(folder: &Path) -> Disk {
        let folder = fs::canonicalize(folder).unwrap();
        let mut disk = Disk { folder, files: Vec::new(), names: BTreeMap::new() };
        for entry in fs::read_dir(&disk.folder).unwrap() {
            let entry = entry.unwrap();
            let file = File { synchronised: fs::read(entry.path()).unwrap(), since: Vec::new() };
            let name = Name { synchronised: Some(disk.files.len()), since: Vec::new() };
            disk.files.push(file);
            disk.names.insert(entry.file_name().into_string().unwrap(), name);
        }
        disk
    }

    fn name(&mut self, path: &Path) -> Option<&mut Name> {
        if path.parent() != Some(&self.folder) {
            return None;
        }
        Some(self.names.entry(path.file_name()?.to_str()?.to_owned()).or_default())
    }

    /// The file that was opened as `path`; a new one when the name is not known. `None` outside the folder.
    pub(crate) fn opened(&mut self, path: &Path) -> Option<usize> {
        let next = self.files.len();
        let name = self.name(path)?;
        if let Some(file) = name.now() {
            return Some(file);
        }
        name.since.push(Some(next));
        self.files.push(File::default());
        Some(next)
    }

    pub(crate) fn wrote(&mut self, file: usize, at: u64, bytes: &[u8]) {
        self.files[file].since.push(Change::Write { at, bytes: bytes.to_vec() });
    }

    pub(crate) fn truncated(&mut self, file: usize, size: u64) {
        self.files[file].since.push(Change::Truncate { size });
    }

    pub(crate) fn removed(&mut self, path: &Path) {
        if let Some(name) = self.name(path)
            && name.now().is_some()
        {
            name.since.push(None);
        }
    }

    pub(crate) fn linked(&mut self, from: &Path, to: &Path) {
        let file = self.name(from).and_then(|name| name.now());
        if let (Some(file), Some(name)) = (file, self.name(to)) {
            name.since.push(Some(file));
        }
    }

    pub(crate) fn synchronised(&mut self, file: usize) {
        let File { synchronised, since } = &mut self.files[file];
        for change in since.drain(..) {
            match change {
                Change::Write { at, bytes } => put(synchronised, at, &bytes),
                Change::Truncate { size } => synchronised.truncate(length(size)),
            }
        }
    }

    /// A file or the folder itself.
    pub(crate) fn synchronised_path(&mut self, path: &Path) {
        if path == self.folder {
            for name in self.names.values_mut() {
                name.synchronised = name.now();
                name.since.clear();
            }
        } else if let Some(file) = self.name(path).and_then(|name| name.now()) {
            self.synchronised(file);
        }
    }

    /// The files that are left after a power failure, by name.
    pub(crate) fn after_loss(&self, luck: &mut Luck) -> Left {
        let left: Vec<Vec<u8>> = self.files.iter().map(|file| file.after_loss(luck)).collect();
        let found = self.names.iter().filter_map(|(path, name)| {
            let kept = luck.prefix(name.since.len());
            let file = if kept == 0 { name.synchronised } else { name.since[kept - 1] };
            Some((path.clone(), left[file?].clone()))
        });
        Left(found.collect())
    }
}

/// What a power failure left.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Left(BTreeMap<String, Vec<u8>>);

impl Left {
    /// Puts it into the empty folder `to`.
    pub(crate) fn restore(&self, to: &Path) {
        for (name, content) in &self.0 {
            fs::write(to.join(name), content).unwrap();
        }
    }
}

impl File {
    fn after_loss(&self, luck: &mut Luck) -> Vec<u8> {
        let mut left = self.synchronised.clone();
        // Sectors that no later write reached any more.
        let mut final_ones = HashSet::new();
        for change in &self.since {
            match change {
                Change::Truncate { size } if luck.happens() => left.truncate(length(*size)),
                Change::Truncate { .. } => {}
                Change::Write { at, bytes } => {
                    let (mut at, mut rest) = (*at, bytes.as_slice());
                    while !rest.is_empty() {
                        let room = usize::try_from(SECTOR - at % SECTOR).unwrap().min(rest.len());
                        let (part, behind) = rest.split_at(room);
                        let sector = at / SECTOR;
                        if !final_ones.contains(&sector) {
                            if luck.happens() {
                                put(&mut left, at, part);
                            } else {
                                final_ones.insert(sector);
                            }
                        }
                        at += room as u64;
                        rest = behind;
                    }
                }
            }
        }
        left
    }
}

fn length(size: u64) -> usize {
    usize::try_from(size).unwrap()
}

/// Writes, with zeros in a gap before it.
fn put(content: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    let (at, end) = (length(at), length(at) + bytes.len());
    if content.len() < end {
        content.resize(end, 0);
    }
    content[at..end].copy_from_slice(bytes);
}

/// How much of what was not synchronised is on the disk all the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kept {
    /// Nothing.
    Nothing,
    /// All of it.
    All,
    /// About half, sector by sector and name by name.
    Half,
    /// Nearly all.
    Most,
    /// Hardly any.
    Little,
}

/// Decides by lot, the same for the same seed.
pub(crate) struct Luck {
    kept: Kept,
    state: u64,
}

impl Luck {
    pub(crate) fn new(kept: Kept, seed: u64) -> Luck {
        Luck { kept, state: seed }
    }

    /// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn happens(&mut self) -> bool {
        let percent = match self.kept {
            Kept::Nothing => 0,
            Kept::All => 100,
            Kept::Half => 50,
            Kept::Most => 90,
            Kept::Little => 10,
        };
        self.next() % 100 < percent
    }

    /// How many of `count` operations on a name are kept, from the first on.
    fn prefix(&mut self, count: usize) -> usize {
        match self.kept {
            Kept::Nothing => 0,
            Kept::All => count,
            _ => usize::try_from(self.next() % (count as u64 + 1)).unwrap(),
        }
    }
}
