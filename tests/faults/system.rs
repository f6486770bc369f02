//! The calls with which planctl itself, past SQLite, synchronises, names and removes files: `fsync`, `linkat`, `unlink`.
//!
//! What an executable defines under the name of a function of the C library takes its place for all that is linked into it,
//! the standard library and SQLite included. Each function here tells the VFS, and calls on to the library's own.

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::vfs;

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn __errno_location() -> *mut c_int;
}

/// `RTLD_NEXT` of glibc and musl: the next library that has the name.
const NEXT: *mut c_void = usize::MAX as *mut c_void;

const EIO: c_int = 5;

fn library(name: &CStr) -> *mut c_void {
    // SAFETY: a string that ends with NUL.
    let found = unsafe { dlsym(NEXT, name.as_ptr()) };
    assert!(!found.is_null(), "{name:?}");
    found
}

fn io_error() -> c_int {
    // SAFETY: this thread's own `errno`.
    unsafe { *__errno_location() = EIO };
    -1
}

/// # Safety
/// `path` must be a string that ends with NUL.
unsafe fn path_of(path: *const c_char) -> PathBuf {
    // SAFETY: as the caller promises.
    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes();
    Path::new(OsStr::from_bytes(bytes)).to_path_buf()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fsync(file: c_int) -> c_int {
    if !vfs::is_watching() {
        // SAFETY: the arguments as they came.
        return unsafe { real_fsync(file) };
    }
    let path = fs::read_link(format!("/proc/self/fd/{file}"));
    if !vfs::may_go_on() {
        return io_error();
    }
    // SAFETY: the arguments as they came.
    let code = unsafe { real_fsync(file) };
    if let (0, Ok(path)) = (code, path) {
        vfs::with_disk(|disk| disk.synchronised_path(&path));
    }
    code
}

unsafe fn real_fsync(file: c_int) -> c_int {
    // SAFETY: the library's function of this name has this type.
    unsafe {
        let real: unsafe extern "C" fn(c_int) -> c_int = std::mem::transmute(library(c"fsync"));
        real(file)
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // Of what is not there nothing can be removed: SQLite's and ours try such names, too.
    // SAFETY: the arguments as they came.
    let named = unsafe { path_of(path) };
    if vfs::is_watching() && fs::symlink_metadata(&named).is_ok() {
        if !vfs::may_go_on() {
            return io_error();
        }
        vfs::with_disk(|disk| disk.removed(&named));
    }
    // SAFETY: the library's function of this name has this type; the arguments as they came.
    unsafe {
        let real: unsafe extern "C" fn(*const c_char) -> c_int = std::mem::transmute(library(c"unlink"));
        real(path)
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn linkat(
    from_folder: c_int,
    from: *const c_char,
    to_folder: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    if vfs::is_watching() && !vfs::may_go_on() {
        return io_error();
    }
    // SAFETY: the library's function of this name has this type; the arguments as they came.
    let code = unsafe {
        type Linkat = unsafe extern "C" fn(c_int, *const c_char, c_int, *const c_char, c_int) -> c_int;
        let real: Linkat = std::mem::transmute(library(c"linkat"));
        real(from_folder, from, to_folder, to, flags)
    };
    if vfs::is_watching() && code == 0 {
        // SAFETY: the call has just succeeded with them.
        let (from, to) = unsafe { (path_of(from), path_of(to)) };
        vfs::with_disk(|disk| disk.linked(&from, &to));
    }
    code
}
