//! `--require-clean`, in which the commands that migrate agree.

use super::settings::Settings;
use crate::audit::Others;
use crate::base::error::Result;

/// Which databases `up`, `down` and `redo` migrate, those of `fleet` among them.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct CleanArgs {
    /// Refuse a database whose schema is not what the last migration left [env: PLANCTL_REQUIRE_CLEAN]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    require_clean: Option<bool>,
}

impl CleanArgs {
    /// Which tables are somebody else's, where it is asked for.
    ///
    /// # Errors
    /// As [`Settings::clean`].
    pub(super) fn resolve(&self, settings: &Settings<'_>) -> Result<Option<Others>> {
        settings.clean(self.require_clean)
    }
}
