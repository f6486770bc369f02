//! `planctl.toml`, `deviations.toml` and a baseline of findings: the same text as each of them.

use std::path::Path;
use std::sync::OnceLock;

use planctl::error::Result;
use planctl::internals::audit::{Baseline, Ledger, compare};
use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::cli::Settings;
use planctl::internals::cli::settings::GlobalFlags;
use planctl::internals::engine;
use planctl::internals::schema::Schema;
use time::Date;

use super::place::Place;
use super::run::{shown, well};
use super::{files, root, text};

/// Each reader has an answer or an error that can be shown; what a ledger says can be applied to the shipped schema.
pub(crate) fn hold(input: &[u8]) {
    let text = text(input);
    let source = SourceFile::new("input.toml", text.as_str());
    if let Some(ledger) = well(Ledger::parse(&source)) {
        let (spec, live) = shipped();
        drop(well(compare(spec, &ledger, live, false, Date::MIN)));
        drop(well(compare(spec, &ledger, live, true, Date::MAX)));
    }
    if let Some(baseline) = well(Baseline::parse(&source)) {
        let again = SourceFile::new("again.json", well(baseline.text()).unwrap_or_default());
        assert_eq!(well(Baseline::parse(&again)).map(|again| again.len()), Some(baseline.len()));
    }
    let place = Place::new();
    let file = place.write("planctl.toml", &text);
    let flags = GlobalFlags { config: Some(file), ..GlobalFlags::default() };
    let env = |_: &str| None;
    match Settings::load(flags, &env, Path::new(".")) {
        Ok(settings) => asked(&settings),
        Err(error) => shown(&error),
    }
}

fn asked(settings: &Settings<'_>) {
    fn said<T>(settings: &Settings<'_>, result: Result<T>) -> Option<T> {
        result.map_err(|error| shown(&settings.explain(error))).ok()
    }
    said(settings, settings.db());
    said(settings, settings.db_if_any());
    said(settings, settings.migrations());
    said(settings, settings.migrations_if_any());
    if let Some(spec) = said(settings, settings.spec()) {
        said(settings, settings.deviations(&spec));
    }
    said(settings, settings.spec_if_any());
    said(settings, settings.tests());
    said(settings, settings.docs());
    said(settings, settings.sqlite_version());
}

fn shipped() -> (&'static SourceFile, &'static Schema) {
    static SHIPPED: OnceLock<(SourceFile, Schema)> = OnceLock::new();
    let (spec, live) = SHIPPED.get_or_init(|| {
        let spec = SourceFile::read(root().join("spec/ddl.sql")).unwrap();
        let place = Place::new();
        let db = place.write("live.db", super::spec::shipped_database());
        let access = engine::Access::ReadOnly;
        let live = engine::open(&db, access, engine::OpenOptions::default(), Job::quiet())
            .unwrap()
            .inspect()
            .unwrap();
        (spec, live)
    });
    (spec, live)
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> =
        ["", "spec"].iter().flat_map(|dir| files(dir, "toml")).map(|(_, bytes)| bytes).collect();
    let every: Vec<String> = planctl::internals::cli::settings::keys::KEYS
        .iter()
        .map(|key| format!("{} = \"{}\"\n", key.name, key.default))
        .collect();
    seeds.push(every.concat().into_bytes());
    let ledger = std::fs::read_to_string(root().join("spec/deviations.toml")).unwrap();
    seeds.extend(ledger.split("\n\n").map(|entry| entry.as_bytes().to_vec()));
    seeds
}
