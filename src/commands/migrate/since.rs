//! Which files are new since a revision of git: what a branch adds, and what is not committed yet.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::base::error::{Error, ErrorKind, Result};

/// The files of a folder that are not what they were where the branch began: at the newest commit that `revision` and HEAD
/// have in common. Untracked ones are among them.
///
/// # Errors
/// `Usage` when the folder is in no working tree of git, when there is no such revision, or no commit in common.
pub(super) fn changed_files(folder: &Path, revision: &str) -> Result<BTreeSet<PathBuf>> {
    let git = Git { folder };
    git.ask(&["rev-parse", "--is-inside-work-tree"])?.map_err(|said| {
        usage(format!("{} is in no working tree of git", folder.display())).note(said).help(
            "--since asks git what is new: run it in a clone of the repository, or lint all files without it",
        )
    })?;
    let commit = format!("{revision}^{{commit}}");
    if git.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?.is_err() {
        let error = usage(format!("git knows no revision `{revision}`"));
        return Err(match git.is_shallow()? {
            true => error.note(SHALLOW).help(UNSHALLOW),
            false => error.help("name a branch, a tag or a commit; `git branch --all` lists the branches"),
        });
    }
    let base = git
        .ask(&["merge-base", "--end-of-options", revision, "HEAD"])?
        .map_err(|_| usage(format!("`{revision}` and HEAD have no commit in common")));
    let base = match base {
        Err(error) if git.is_shallow()? => return Err(error.note(SHALLOW).help(UNSHALLOW)),
        base => base?,
    };
    let changed =
        git.files(&["diff", "--name-only", "-z", "--no-renames", "--relative", base.trim_end(), "--", "."])?;
    let untracked = git.files(&["ls-files", "-z", "--others", "--", "."])?;
    let all = changed.split('\0').chain(untracked.split('\0')).filter(|name| !name.is_empty());
    Ok(all.map(|name| folder.join(name)).collect())
}

const SHALLOW: &str = "this clone is shallow: it lacks older commits, and perhaps other branches";

const UNSHALLOW: &str = "fetch them first: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout";

/// The program, run in a folder, without a shell.
struct Git<'a> {
    folder: &'a Path,
}

impl Git<'_> {
    /// What it answers, or what it says when it refuses.
    fn ask(&self, args: &[&str]) -> Result<std::result::Result<String, String>> {
        let mut command = Command::new("git");
        command.current_dir(self.folder).args(args).stdin(Stdio::null()).env("GIT_OPTIONAL_LOCKS", "0");
        // A hook is told of them by paths that start from another folder.
        ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"].into_iter().for_each(|name| {
            command.env_remove(name);
        });
        let output = command.output().map_err(|error| {
            usage(format!("git cannot be run: {error}"))
                .caused_by(error)
                .help("--since needs git on the PATH; lint all files without it")
        })?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(text(&output.stderr).trim_end().to_owned()),
        })
    }

    fn files(&self, args: &[&str]) -> Result<String> {
        self.ask(args)?.map_err(|said| usage(format!("git does not tell which files are new: {said}")))
    }

    fn is_shallow(&self) -> Result<bool> {
        Ok(self.ask(&["rev-parse", "--is-shallow-repository"])?.is_ok_and(|said| said.trim_end() == "true"))
    }
}

fn usage(message: String) -> Error {
    Error::new(ErrorKind::Usage, message)
}
