//! A VFS on top of the default one that counts, and at the Nth operation fails.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering};

use rusqlite::ffi;

use crate::disk::Disk;

/// What happens at the Nth operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// Nothing: operations are only counted.
    None,
    /// It fails with an I/O error; the next ones work.
    IoError,
    /// It is done, and fails with an I/O error all the same: a folder that cannot be synchronised. Of SQLite's alone.
    DoneAndFails,
    /// It and all later writes find the disk full.
    FullFromHere,
    /// The process is killed instead.
    Kill,
    /// A write does half of its work, then the process is killed; of other operations nothing is done.
    Torn,
    /// The power goes while it is under way: what was not synchronised is on the disk or not, and nothing is done any more.
    Power,
}

/// A fault, the operation that it happens at, and how many there were.
#[derive(Clone, Copy)]
struct Armed {
    fault: Fault,
    at: u64,
    count: u64,
}

// SQLite calls its VFS on the thread that uses the connection, and planctl uses each on one: what one test arms, the
// tests beside it do not meet.
thread_local! {
    static ARMED: Cell<Option<Armed>> = const { Cell::new(None) };
    /// What is on the disk for certain and what perhaps, while power failures are tried.
    static DISK: RefCell<Option<Disk>> = const { RefCell::new(None) };
    /// Whether a method of ours has called the real VFS: what that calls is part of an operation that was counted.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

static REAL: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// Counts from now on, and lets `fault` happen at operation `at`, the first being 1.
pub(crate) fn arm(fault: Fault, at: u64) {
    ARMED.set(Some(Armed { fault, at, count: 0 }));
}

/// [`arm`] for a power failure; the files of `folder` count as synchronised.
pub(crate) fn arm_power(folder: &Path, at: u64) {
    DISK.set(Some(Disk::of(folder)));
    arm(Fault::Power, at);
}

/// Ends that; gives what the disk knew when the power went, or now if it did not.
pub(crate) fn disarm_power() -> Disk {
    disarm();
    DISK.take().unwrap()
}

/// Whether whoever waits for the process can still hear from it.
pub(crate) fn is_powered() -> bool {
    !ARMED.get().is_some_and(|armed| armed.fault == Fault::Power && armed.count >= armed.at)
}

/// Notes what happens to the disk, if it is watched and there is power.
pub(crate) fn with_disk(note: impl FnOnce(&mut Disk)) {
    if is_powered() {
        note_in_flight(note);
    }
}

/// The same for the operation during which the power goes.
fn note_in_flight(note: impl FnOnce(&mut Disk)) {
    DISK.with_borrow_mut(|disk| disk.as_mut().map(note));
}

/// Whether operations past SQLite count.
pub(crate) fn is_watching() -> bool {
    ARMED.get().is_some()
}

fn inside<T>(call: impl FnOnce() -> T) -> T {
    let was = INSIDE.replace(true);
    let result = call();
    INSIDE.set(was);
    result
}

/// An operation past SQLite: whether it is to be done.
pub(crate) fn may_go_on() -> bool {
    INSIDE.get() || matches!(operation(false, ffi::SQLITE_IOERR), Verdict::Go | Verdict::DoneBut(_))
}

/// Ends that; gives the number of operations.
pub(crate) fn disarm() -> u64 {
    ARMED.take().map_or(0, |armed| armed.count)
}

/// What an operation is to do.
enum Verdict {
    Go,
    Fail(c_int),
    HalfThenDie,
    /// Nobody knows whether it is done, and it fails with this.
    InFlight(c_int),
    /// It is done, and fails with this.
    DoneBut(c_int),
}

fn die() -> ! {
    drop(signal_hook::low_level::raise(9));
    std::process::abort()
}

fn operation(is_write: bool, io_error: c_int) -> Verdict {
    let Some(mut armed) = ARMED.get() else { return Verdict::Go };
    armed.count += 1;
    ARMED.set(Some(armed));
    let Armed { fault, at, count } = armed;
    if at == 0 || count < at {
        return Verdict::Go;
    }
    match fault {
        Fault::FullFromHere if is_write => Verdict::Fail(ffi::SQLITE_FULL),
        Fault::Power if count > at => Verdict::Fail(io_error),
        Fault::Power => Verdict::InFlight(io_error),
        _ if count > at => Verdict::Go,
        Fault::IoError => Verdict::Fail(io_error),
        Fault::DoneAndFails => Verdict::DoneBut(io_error),
        Fault::Torn if is_write => Verdict::HalfThenDie,
        Fault::Kill | Fault::Torn => die(),
        Fault::None | Fault::FullFromHere => Verdict::Go,
    }
}

/// A file of ours: SQLite's part, a mark, and behind it in the same memory the file of the real VFS.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// Database, journal or log, as opposed to a temporary file.
    counted: bool,
    /// Its number on the disk that is watched, or [`UNKNOWN`].
    number: usize,
}

const UNKNOWN: usize = usize::MAX;

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

/// What SQLite is told of an operation that gave `code`.
fn answer(verdict: &Verdict, code: c_int) -> c_int {
    match verdict {
        Verdict::DoneBut(error) => *error,
        _ => code,
    }
}

fn counted(file: *mut ffi::sqlite3_file) -> bool {
    // SAFETY: every file whose methods are ours was opened by `open`, which sets the mark.
    unsafe { (*file.cast::<File>()).counted }
}

fn number(file: *mut ffi::sqlite3_file) -> Option<usize> {
    // SAFETY: as in `counted`.
    let number = unsafe { (*file.cast::<File>()).number };
    (number != UNKNOWN).then_some(number)
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    inside(|| forward!(file, xClose() else ffi::SQLITE_OK))
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
    let note = |disk: &mut Disk| {
        if let (Some(number), Ok(count), Ok(at)) = (number(file), usize::try_from(count), u64::try_from(at)) {
            // SAFETY: SQLite hands over `count` bytes.
            disk.wrote(number, at, unsafe { std::slice::from_raw_parts(from.cast(), count) });
        }
    };
    match verdict {
        Verdict::Go | Verdict::DoneBut(_) => {
            let code = forward!(file, xWrite(from, count, at) else ffi::SQLITE_IOERR_WRITE);
            if code == ffi::SQLITE_OK {
                with_disk(note);
            }
            answer(&verdict, code)
        }
        Verdict::Fail(code) => code,
        Verdict::InFlight(code) => {
            note_in_flight(note);
            code
        }
        Verdict::HalfThenDie => {
            let _: c_int = forward!(file, xWrite(from, count / 2, at) else ffi::SQLITE_IOERR_WRITE);
            die()
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    let verdict = if counted(file) { operation(false, ffi::SQLITE_IOERR_TRUNCATE) } else { Verdict::Go };
    match verdict {
        Verdict::Fail(code) => code,
        Verdict::InFlight(code) => {
            note_in_flight(|disk| note_truncation(disk, file, size));
            code
        }
        _ => {
            let code = forward!(file, xTruncate(size) else ffi::SQLITE_IOERR_TRUNCATE);
            if code == ffi::SQLITE_OK {
                with_disk(|disk| note_truncation(disk, file, size));
            }
            answer(&verdict, code)
        }
    }
}

fn note_truncation(disk: &mut Disk, file: *mut ffi::sqlite3_file, size: i64) {
    if let (Some(number), Ok(size)) = (number(file), u64::try_from(size)) {
        disk.truncated(number, size);
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    let verdict = if counted(file) { operation(false, ffi::SQLITE_IOERR_FSYNC) } else { Verdict::Go };
    match verdict {
        Verdict::Fail(code) | Verdict::InFlight(code) => code,
        _ => {
            let code = inside(|| forward!(file, xSync(flags) else ffi::SQLITE_IOERR_FSYNC));
            if let (ffi::SQLITE_OK, Some(number)) = (code, number(file)) {
                with_disk(|disk| disk.synchronised(number));
            }
            answer(&verdict, code)
        }
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
    inside(|| forward!(file, xShmUnmap(delete) else ffi::SQLITE_OK))
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
        let counted = flags & kinds != 0;
        let mut number = None;
        if code == ffi::SQLITE_OK && counted && !name.is_null() {
            let path = Path::new(OsStr::from_bytes(CStr::from_ptr(name).to_bytes()));
            with_disk(|disk| number = disk.opened(path));
        }
        let number = number.unwrap_or(UNKNOWN);
        let base = ffi::sqlite3_file { pMethods: methods };
        file.cast::<File>().write(File { base, counted, number });
        code
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, synchronise: c_int) -> c_int {
    // SAFETY: SQLite hands over a string that ends with NUL.
    let path = Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes()));
    let verdict = operation(false, ffi::SQLITE_IOERR_DELETE);
    match verdict {
        Verdict::Fail(code) => return code,
        Verdict::InFlight(code) => {
            note_in_flight(|disk| disk.removed(path));
            return code;
        }
        Verdict::Go | Verdict::HalfThenDie | Verdict::DoneBut(_) => {}
    }
    let vfs = REAL.load(Ordering::SeqCst);
    // SAFETY: as in `open`.
    let code = unsafe {
        match (*vfs).xDelete {
            // `system` hears of it, and of the folder's synchronisation, where there is one.
            Some(delete) => inside(|| delete(vfs, name, synchronise)),
            None => ffi::SQLITE_IOERR_DELETE,
        }
    };
    answer(&verdict, code)
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
