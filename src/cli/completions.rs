//! `planctl completions` and `planctl man`: generated from the parser's own definitions.

use clap::Command;
use clap_complete::Shell;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::nearest;
use crate::report::Report;

/// Print a completion script for a shell
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl completions bash > planctl.bash
  planctl completions zsh > _planctl
  planctl completions fish > planctl.fish")]
pub struct CompletionsArgs {
    /// Shell that the script is for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl CompletionsArgs {
    /// The script.
    ///
    /// # Errors
    /// None that depends on the outside.
    pub fn run(&self, mut command: Command) -> Result<Report> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "planctl", &mut script);
        text("completions", script)
    }
}

/// Print a manual page
///
/// Without COMMAND, the page of planctl itself, which lists the commands.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl man > planctl.1
  planctl man migrate up > planctl-migrate-up.1")]
pub struct ManArgs {
    /// Command to describe, as in `planctl man migrate up`
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

impl ManArgs {
    /// The page.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when there is no such command.
    pub fn run(&self, command: Command) -> Result<Report> {
        let mut root = command.disable_help_subcommand(true);
        // Hands the global flags down, and gives each subcommand its full name.
        root.build();
        let mut command = &root;
        for name in &self.command {
            command = command.find_subcommand(name).ok_or_else(|| {
                let message = format!("there is no command `planctl {}`", self.command.join(" "));
                let known = command.get_subcommands().map(Command::get_name);
                Error::new(ErrorKind::Usage, message).help(match nearest(name, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`planctl --help` lists the commands".to_owned(),
                })
            })?;
        }
        let name = command.get_display_name().unwrap_or("planctl").to_owned();
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone())
            .title(name)
            .render(&mut page)
            .map_err(|error| Error::new(ErrorKind::File, error.to_string()))?;
        let mut report = text("man", page)?;
        report.text = report.text.map(|page| with_examples(&page));
        Ok(report)
    }
}

/// The examples, which clap_mangen has as ordinary text, in a section of their own whose lines are not filled.
fn with_examples(page: &str) -> String {
    let Some((before, after)) = page.split_once(".SH EXTRA\nExamples:\n") else { return page.to_owned() };
    let end = after.match_indices('\n').map(|(at, _)| at + 1).find(|&at| {
        let rest = after.get(at..).unwrap_or_default();
        !rest.starts_with("  ")
    });
    let (examples, rest) = after.split_at(end.unwrap_or(after.len()));
    let rest = rest.trim_start_matches('\n');
    let notes =
        if rest.is_empty() || rest.starts_with(".SH") { String::new() } else { ".SH NOTES\n".to_owned() };
    format!("{before}.SH EXAMPLES\n.nf\n{examples}.fi\n{notes}{rest}")
}

fn text(command: &'static str, bytes: Vec<u8>) -> Result<Report> {
    let text = String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::File, error.to_string()))?;
    Ok(Report { text: Some(text), ..Report::new(command) })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, ValueEnum};

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_shell_gets_a_script_that_knows_the_commands() {
        for &shell in Shell::value_variants() {
            let script = CompletionsArgs { shell }.run(Cli::command()).unwrap().text.unwrap();
            assert!(script.contains("completions") && script.contains("migrations"), "{shell}");
        }
    }

    #[test]
    fn every_command_has_a_page_with_the_global_flags() {
        let page = |command: &[&str]| {
            let command = command.iter().map(|&name| name.to_owned()).collect();
            ManArgs { command }.run(Cli::command()).map(|report| report.text.unwrap())
        };
        assert!(page(&[]).unwrap().contains(".TH planctl 1"));
        let completions = page(&["completions"]).unwrap();
        assert!(
            completions.contains("planctl\\-completions") && completions.contains("\\-\\-migrations"),
            "{completions}"
        );
        assert!(page(&["nonsense"]).is_err());
        let audit = page(&["audit"]).unwrap();
        assert!(
            audit.contains(".SH EXAMPLES\n.nf\n  planctl audit\n") && audit.contains("sarif\n.fi\n"),
            "{audit}"
        );
        let root = page(&[]).unwrap();
        assert!(root.contains(".fi\n.SH NOTES\nExit status: 0 success"), "{root}");
    }
}
