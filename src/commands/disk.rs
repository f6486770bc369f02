//! How much room there is on disks.

use std::fs::Metadata;
use std::io;
use std::path::Path;

/// How many bytes are free on the disk of a folder for whoever asks. `None` where nothing tells: there, a full disk says so.
///
/// # Errors
/// When the folder cannot be looked at.
#[cfg(unix)]
pub(super) fn free(folder: &Path) -> io::Result<Option<u64>> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

/// The same.
#[cfg(not(unix))]
pub(super) fn free(_: &Path) -> io::Result<Option<u64>> {
    Ok(None)
}

/// What tells the disk of a file from others.
#[cfg(unix)]
pub(super) fn device(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(meta)
}

/// The same.
#[cfg(not(unix))]
pub(super) fn device(_: &Metadata) -> u64 {
    0
}
