//! What every test program starts from: planctl in a clean environment, folders and files, and what came of a run.

#![allow(dead_code, unused_imports, reason = "each program uses its part")]

pub(crate) mod cases;
pub(crate) mod process;

mod command;
mod folder;
mod form;
mod json_schema;
mod picture;
mod project;
mod rows;

pub(crate) use command::{PLANCTL, Run, expect, path, planctl, program, stderr, stdout};
pub(crate) use folder::{allowed, entries, folder, in_memory, repository, shared, write};
pub(crate) use form::{case_count, form, round_count};
pub(crate) use json_schema::{OUTPUT, Validator};
pub(crate) use picture::Picture;
pub(crate) use project::Project;
pub(crate) use rows::{column, rows};
