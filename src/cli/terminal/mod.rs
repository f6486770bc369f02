pub(crate) mod observer;
pub(crate) mod prompt;
pub(crate) mod signals;
pub(crate) mod ticker;

/// How many columns the terminal has that stderr is; `None` where it is none.
pub(crate) fn stderr_width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0))
}
