//! What a command about many databases asks of the settings.

use std::sync::Arc;

use super::Settings;
use super::fleet::FleetSection;
use super::keys::{DEVIATIONS, MIGRATIONS, REQUIRE_CLEAN, SPEC};
use super::sections::Sections;
use crate::base::error::{Error, ErrorKind, Result};
use crate::commands::fleet::Sources;
use crate::engine::DatabaseName;

impl Settings<'_> {
    /// What `[fleet]` says.
    pub(crate) fn fleet(&self) -> Option<FleetSection> {
        self.said.sections().fleet
    }

    /// Where `[fleet]` says that the databases are; its names are relative to the file.
    ///
    /// # Errors
    /// As [`FleetSection::sources`].
    pub(crate) fn fleet_sources(&self) -> Result<Sources> {
        let Some(fleet) = self.fleet() else { return Ok(Sources::default()) };
        fleet.sources(self.said.file_dir(), |name| self.let_in(name))
    }

    /// The databases of a fleet, with what lets one in. They are kept once, however many they are.
    ///
    /// # Errors
    /// [`ErrorKind::File`] when the file with what lets one in cannot be read.
    pub(crate) fn of_fleet(&self, names: Vec<DatabaseName>) -> Result<Arc<[DatabaseName]>> {
        let names: Arc<[DatabaseName]> =
            names.into_iter().map(|name| self.let_in(name)).collect::<Result<_>>()?;
        self.asked.fleet.replace(Arc::clone(&names));
        Ok(names)
    }

    /// Refuses what names one database and says nothing of many: `--db`, and `-d` where nothing stands there besides `db`
    /// that a fleet has use for.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`].
    pub(crate) fn verify_many(&self) -> Result<()> {
        let usage = |message: String| Error::new(ErrorKind::Usage, message);
        if self.said.flags.db.is_some() {
            return Err(usage("--db names one database, and a fleet is many".to_owned())
                .help("name its databases after the command, as in `planctl fleet status 'tenants/*.db'`"));
        }
        let Some((name, own)) = self.said.database.as_ref().zip(self.said.chosen()) else { return Ok(()) };
        let of_use = [MIGRATIONS, SPEC, DEVIATIONS, REQUIRE_CLEAN];
        let Sections { fleet, ignore, fail_on, .. } = &own.sections;
        let speaks = fleet.is_some() || ignore.is_some() || fail_on.is_some();
        if speaks || of_use.iter().any(|key| own.get(key).is_some()) {
            return Ok(());
        }
        Err(usage(format!("[databases.{name}] says nothing of a fleet, only which database it is")).help(
            "leave -d out, and name the databases behind the command or in [fleet]; -d is for a table that has `migrations` or `spec`",
        ))
    }
}
