//! Which file it is, whatever it is called.

#[cfg(unix)]
use std::fs;
use std::path::Path;

/// Which file a path leads to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// That of a path. `None` where there is no file, and on systems that do not number files.
    #[cfg(unix)]
    pub fn of(file: &Path) -> Option<Identity> {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(file).ok().map(|meta| Identity { device: meta.dev(), inode: meta.ino() })
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_: &Path) -> Option<Identity> {
        None
    }
}
