//! What a run of a command may not do, whatever it reads.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::process::PATIENCE;

/// Their output is SQL to be run, or values for programs, and has every name as it is. On a terminal it is escaped as well
/// (src/cli/output.rs, src/cli/stream.rs).
pub(super) fn writes_raw(command: &str) -> bool {
    command == "schema dump planctl.db" || command.contains("--sql") || command.contains("--format csv")
}

/// What became of a command.
pub(super) struct Ended {
    pub(super) status: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) took: Duration,
}

/// Runs a command; ends it when it takes too long.
pub(super) fn timed(command: &mut Command) -> Ended {
    let begun = Instant::now();
    let (mut out, mut err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    let mut child = command
        .stdout(Stdio::from(out.try_clone().unwrap()))
        .stderr(Stdio::from(err.try_clone().unwrap()))
        .spawn()
        .unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let read = |file: &mut fs::File| {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    };
    Ended {
        status: status.and_then(|status| status.code()),
        signal: status.and_then(|status| status.signal()),
        stdout: read(&mut out),
        stderr: read(&mut err),
        took: begun.elapsed(),
    }
}

/// Whether a character could do more on a terminal than stand there: control characters (line feeds apart, which end
/// lines), the marks and overrides of bidirectional text, separators of lines, what has no width.
fn deceives(c: char) -> bool {
    let n = u32::from(c);
    (c != '\n' && (n < 0x20 || (0x7f..0xa0).contains(&n)))
        || [0xad, 0x61c, 0x180e, 0x2028, 0x2029, 0xfeff].contains(&n)
        || (0x200b..=0x200f).contains(&n)
        || (0x202a..=0x202e).contains(&n)
        || (0x2060..=0x206f).contains(&n)
}

/// What of the law a run breaks.
pub(super) fn faults(command: &str, ended: &Ended) -> Vec<String> {
    let mut faults = Vec::new();
    let mut law = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    law(ended.signal.is_none(), format!("ended by signal {:?}", ended.signal));
    law(ended.took < PATIENCE, "does not end".to_owned());
    law(matches!(ended.status, Some(0..=2)) || ended.signal.is_some(), format!("status {:?}", ended.status));
    let (Ok(stdout), Ok(stderr)) = (std::str::from_utf8(&ended.stdout), std::str::from_utf8(&ended.stderr))
    else {
        law(false, "prints no UTF-8".to_owned());
        return faults;
    };
    law(!stderr.contains("panicked"), format!("panics: {stderr}"));
    law(!(ended.status == Some(2) && stderr.is_empty()), "trouble without a word".to_owned());
    // Colours that were asked for are planctl's own.
    let colour = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    for (name, text) in [("stdout", stdout), ("stderr", stderr)] {
        if name == "stdout" && writes_raw(command) && ended.status != Some(2) {
            continue;
        }
        let plain = colour.replace_all(text, "");
        let text = if command.contains("--color always") { plain.as_ref() } else { text };
        let deceptive: Vec<char> = text.chars().filter(|&c| deceives(c)).collect();
        law(deceptive.is_empty(), format!("{name} has {:?}", &deceptive[..deceptive.len().min(8)]));
        for line in text.lines().map(str::trim_start) {
            law(
                !line.starts_with("::error file=forged") && !line.starts_with("error: forged"),
                format!("{name}: {line}"),
            );
        }
    }
    let format = command.split("--format ").nth(1).map(|rest| rest.split(' ').next().unwrap());
    let document = ended.status != Some(2) || !stdout.is_empty();
    match format {
        Some("json" | "sarif") => {
            let parsed = serde_json::from_str::<serde_json::Value>(stdout);
            law(parsed.is_ok(), format!("no JSON: {}", stdout.chars().take(200).collect::<String>()));
        }
        Some("junit") if document => {
            let parsed = roxmltree::Document::parse(stdout);
            law(parsed.is_ok(), format!("no XML: {:?}", parsed.err()));
        }
        Some("html" | "markdown") => {
            let lower = stdout.to_lowercase();
            // The page about a schema has one of its own, and a policy by which no other runs.
            let own = usize::from(format == Some("html") && lower.contains("script-src 'sha256-"));
            law(lower.matches("<script").count() <= own, "has a script".to_owned());
            law(format == Some("html") || !stdout.contains("p|pe"), "has a table's bar".to_owned());
            law(!stdout.contains("--><!--"), "has a comment's end".to_owned());
        }
        None if command.starts_with("schema docs") => {
            law(closes_its_fences(stdout), "a fence is forged".to_owned());
        }
        Some("github") => {
            let whole = stdout.lines().all(|line| !line.contains("::error") || line.starts_with("::error "));
            law(whole, "a command inside a line".to_owned());
        }
        _ => {}
    }
    faults
}

/// Whether each code block of a page ends where it was meant to: with a statement's end, or a diagram's, before it.
fn closes_its_fences(page: &str) -> bool {
    let mut open: Option<String> = None;
    for line in page.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &open {
            Some(fence) if line == fence => open = None,
            // A longer run would end it as well.
            Some(fence) if ticks.len() >= fence.len() && line.trim_end() == ticks => return false,
            None if ticks.len() >= 3 => {
                if !["sql", "mermaid"].contains(&&line[ticks.len()..]) {
                    return false;
                }
                open = Some(ticks);
            }
            _ => {}
        }
    }
    open.is_none()
}
