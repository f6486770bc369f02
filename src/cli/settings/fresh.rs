//! What a project that begins keeps of the settings that it was begun with.

use std::path::PathBuf;

use super::keys::{DB, KEYS, MIGRATIONS, SPEC};
use super::said::default_of;
use super::{Origin, Settings, settings_file};
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::DatabaseName;

impl Settings<'_> {
    /// The settings file that was found.
    pub fn found(&self) -> Option<PathBuf> {
        self.said.has_file().then(|| settings_file(self.said.flags.config.as_deref(), &self.said.root).path)
    }

    /// Whether somebody has said which database it is.
    ///
    /// # Errors
    /// `Usage` when a value is no text.
    pub fn db_is_named(&self) -> Result<bool> {
        Ok(self.said.named_db()?.is_some())
    }

    /// Whether somebody has said where the migrations are.
    ///
    /// # Errors
    /// Those of [`Settings::migrations`].
    pub fn migrations_are_named(&self) -> Result<bool> {
        Ok(self.said.raw(&MIGRATIONS)?.is_some())
    }

    /// What a new settings file says: what was typed, and the defaults that a reader looks for. What the environment says
    /// stays there, and so does what lets one into a database.
    ///
    /// # Errors
    /// `Usage` when a value is no text.
    pub fn worth_keeping(&self) -> Result<Vec<(&'static str, String)>> {
        let mut kept = Vec::new();
        for key in KEYS {
            let shown = [DB.name, MIGRATIONS.name, SPEC.name].contains(&key.name);
            let (value, origin) = match key.name == DB.name {
                true => self.said.named_db()?.unwrap_or((DB.default.into(), default_of(&DB))),
                false => self.said.value(key)?,
            };
            let keeps = match origin {
                Origin::Flag(_) => true,
                // A file is there when a killed run of the same command wrote it.
                Origin::Default(_) | Origin::File(_) => shown,
                Origin::Env(_) | Origin::DotEnv(_) => false,
            };
            let secret =
                key.name == DB.name && DatabaseName::parse(&value).is_ok_and(|name| name.has_credentials());
            if keeps && !secret {
                let text = value.into_string().map_err(|value| {
                    let message = format!("{} is not text that a settings file could hold", value.display());
                    Error::new(ErrorKind::Usage, message)
                })?;
                kept.push((key.name, text));
            }
        }
        Ok(kept)
    }
}
