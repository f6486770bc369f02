//! A VFS on top of the default one that counts, and at the Nth operation fails.

use std::ffi::{c_char, c_int, c_void};
use std::mem::size_of;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU64, Ordering};

use rusqlite::ffi;

/// What happens at the Nth operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Fault {
    /// Nothing: operations are only counted.
    None = 1,
    /// It fails with an I/O error; the next ones work.
    IoError = 2,
    /// It and all later writes find the disk full.
    FullFromHere = 3,
    /// The process is killed instead.
    Kill = 4,
    /// A write does half of its work, then the process is killed; of other operations nothing is done.
    Torn = 5,
}

const OFF: u8 = 0;

static ARMED: AtomicU8 = AtomicU8::new(OFF);
static AT: AtomicU64 = AtomicU64::new(0);
static COUNT: AtomicU64 = AtomicU64::new(0);
static REAL: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// Counts from now on, and lets `fault` happen at operation `at`, the first being 1.
pub(crate) fn arm(fault: Fault, at: u64) {
    COUNT.store(0, Ordering::SeqCst);
    AT.store(at, Ordering::SeqCst);
    ARMED.store(fault as u8, Ordering::SeqCst);
}

/// Ends that; gives the number of operations.
pub(crate) fn disarm() -> u64 {
    ARMED.store(OFF, Ordering::SeqCst);
    COUNT.load(Ordering::SeqCst)
}

/// What an operation is to do.
enum Verdict {
    Go,
    Fail(c_int),
    HalfThenDie,
}

fn die() -> ! {
    drop(signal_hook::low_level::raise(9));
    std::process::abort()
}

fn operation(is_write: bool, io_error: c_int) -> Verdict {
    let armed = ARMED.load(Ordering::SeqCst);
    if armed == OFF {
        return Verdict::Go;
    }
    let n = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
    let at = AT.load(Ordering::SeqCst);
    if armed == Fault::FullFromHere as u8 && at > 0 && n >= at && is_write {
        return Verdict::Fail(ffi::SQLITE_FULL);
    }
    if n != at {
        return Verdict::Go;
    }
    match armed {
        armed if armed == Fault::IoError as u8 => Verdict::Fail(io_error),
        armed if armed == Fault::Kill as u8 => die(),
        armed if armed == Fault::Torn as u8 && is_write => Verdict::HalfThenDie,
        armed if armed == Fault::Torn as u8 => die(),
        _ => Verdict::Go,
    }
}

/// A file of ours: SQLite's part, a mark, and behind it in the same memory the file of the real VFS.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// Database, journal or log, as opposed to a temporary file.
    counted: bool,
}

/// The real file behind ours.
///
/// # Safety
/// `file` must be memory of `szOsFile` bytes of our VFS.
unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: `register` asks for the size of `File` and the real size behind it; `File` holds a pointer, so that its size
    // is a multiple of the alignment that SQLite gives all its memory (8 bytes).
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

/// Calls a method of the real file, or gives what stands behind `else` where it has none.
macro_rules! forward {
    ($file:expr, $method:ident($($argument:expr),*) else $none:expr) => {{
        // SAFETY: SQLite calls methods of files that `open` has opened, so that the real file has methods, and hands
        // over arguments that fit them.
        unsafe {
            let real = real($file);
            match (*(*real).pMethods).$method {
                Some(method) => method(real $(, $argument)*),
                None => $none,
            }
        }
    }};
}

fn counted(file: *mut ffi::sqlite3_file) -> bool {
    // SAFETY: every file whose methods are ours was opened by `open`, which sets the mark.
    unsafe { (*file.cast::<File>()).counted }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    forward!(file, xClose() else ffi::SQLITE_OK)
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, count: c_int, at: i64) -> c_int {
    forward!(file, xRead(to, count, at) else ffi::SQLITE_IOERR_READ)
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    count: c_int,
    at: i64,
) -> c_int {
    let verdict = if counted(file) { operation(true, ffi::SQLITE_IOERR_WRITE) } else { Verdict::Go };
    match verdict {
        Verdict::Go => forward!(file, xWrite(from, count, at) else ffi::SQLITE_IOERR_WRITE),
        Verdict::Fail(code) => code,
        Verdict::HalfThenDie => {
            let _: c_int = forward!(file, xWrite(from, count / 2, at) else ffi::SQLITE_IOERR_WRITE);
            die()
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    match if counted(file) { operation(false, ffi::SQLITE_IOERR_TRUNCATE) } else { Verdict::Go } {
        Verdict::Fail(code) => code,
        _ => forward!(file, xTruncate(size) else ffi::SQLITE_IOERR_TRUNCATE),
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    match if counted(file) { operation(false, ffi::SQLITE_IOERR_FSYNC) } else { Verdict::Go } {
        Verdict::Fail(code) => code,
        _ => forward!(file, xSync(flags) else ffi::SQLITE_IOERR_FSYNC),
    }
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    forward!(file, xFileSize(size) else ffi::SQLITE_IOERR_FSTAT)
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    forward!(file, xLock(level) else ffi::SQLITE_OK)
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    forward!(file, xUnlock(level) else ffi::SQLITE_OK)
}

unsafe extern "C" fn check_lock(file: *mut ffi::sqlite3_file, held: *mut c_int) -> c_int {
    forward!(file, xCheckReservedLock(held) else ffi::SQLITE_OK)
}

unsafe extern "C" fn control(file: *mut ffi::sqlite3_file, what: c_int, with: *mut c_void) -> c_int {
    forward!(file, xFileControl(what, with) else ffi::SQLITE_NOTFOUND)
}

unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    forward!(file, xSectorSize() else 4096)
}

unsafe extern "C" fn characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    forward!(file, xDeviceCharacteristics() else 0)
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    forward!(file, xShmMap(page, size, extend, to) else ffi::SQLITE_IOERR_SHMMAP)
}

unsafe extern "C" fn shm_lock(file: *mut ffi::sqlite3_file, at: c_int, count: c_int, flags: c_int) -> c_int {
    forward!(file, xShmLock(at, count, flags) else ffi::SQLITE_IOERR_SHMLOCK)
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    forward!(file, xShmBarrier() else ())
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    forward!(file, xShmUnmap(delete) else ffi::SQLITE_OK)
}

/// Version 2: without memory-mapped reading, which SQLite then does not try.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let vfs = REAL.load(Ordering::SeqCst);
    // SAFETY: `file` is memory of the size that `register` asked for, not yet in use; `vfs` is the VFS that SQLite had
    // as its default, which lives as long as the process, and gets the arguments as they came.
    unsafe {
        let behind = real(file);
        (*behind).pMethods = ptr::null();
        let code = match (*vfs).xOpen {
            Some(open) => open(vfs, name, behind, flags, out_flags),
            None => ffi::SQLITE_CANTOPEN,
        };
        let kinds = ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_WAL;
        // SQLite closes a file whenever it has methods, also after a failure.
        let methods = if (*behind).pMethods.is_null() { ptr::null() } else { &raw const METHODS };
        file.cast::<File>()
            .write(File { base: ffi::sqlite3_file { pMethods: methods }, counted: flags & kinds != 0 });
        code
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, synchronise: c_int) -> c_int {
    if let Verdict::Fail(code) = operation(false, ffi::SQLITE_IOERR_DELETE) {
        return code;
    }
    let vfs = REAL.load(Ordering::SeqCst);
    // SAFETY: as in `open`.
    unsafe {
        match (*vfs).xDelete {
            Some(delete) => delete(vfs, name, synchronise),
            None => ffi::SQLITE_IOERR_DELETE,
        }
    }
}

/// Makes it the default VFS of the process, once.
pub(crate) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: SQLite gives its default VFS, which lives for ever; a copy of it, which is never freed, differs in
        // the methods that are ours, in the size of its files, and in its name, a static string. The methods that are
        // copied do not look at the VFS that they are called for, but for what the copy has, too (`pAppData`).
        unsafe {
            let real = ffi::sqlite3_vfs_find(ptr::null());
            assert!(!real.is_null());
            REAL.store(real, Ordering::SeqCst);
            let mut ours = *real;
            ours.szOsFile += c_int::try_from(size_of::<File>()).unwrap();
            ours.zName = c"planctl-faults".as_ptr();
            ours.pNext = ptr::null_mut();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            let code = ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1);
            assert_eq!(code, ffi::SQLITE_OK);
        }
    });
}
