//! Ctrl-C and SIGTERM: the first one asks the operation to stop, the second one ends the process at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::base::progress::Interrupt;

/// Remembers which signal came.
pub(crate) struct Signals(Arc<AtomicUsize>);

impl Signals {
    /// Makes both signals raise `interrupt`, and end the process when it is raised already. A process that ends in the
    /// middle of a transaction leaves the database as it was, as after a power failure.
    ///
    /// # Errors
    /// Those of the operating system.
    pub(crate) fn install(interrupt: &Interrupt) -> io::Result<Signals> {
        let last = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM] {
            // Handlers run in the order of registration: this one looks at the flag before the last one raises it.
            flag::register_conditional_shutdown(signal, 128 + signal, interrupt.flag())?;
            flag::register_usize(signal, Arc::clone(&last), usize::try_from(signal).unwrap_or_default())?;
            flag::register(signal, interrupt.flag())?;
        }
        // By default, a write beyond the limit on the size of files ends the process. So it fails, which can be told.
        #[cfg(unix)]
        flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
        Ok(Signals(last))
    }

    /// The number of the signal that came, if one did.
    pub(crate) fn last(&self) -> Option<u8> {
        u8::try_from(self.0.load(Ordering::Relaxed)).ok().filter(|&signal| signal > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_raises_the_flag_and_is_remembered() {
        let interrupt = Interrupt::new();
        let signals = Signals::install(&interrupt).unwrap();
        assert_eq!((interrupt.is_raised(), signals.last()), (false, None));
        signal_hook::low_level::raise(SIGTERM).unwrap();
        assert_eq!((interrupt.is_raised(), signals.last()), (true, Some(15)));
    }
}
