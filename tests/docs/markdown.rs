//! As much of Markdown as the documents use: fenced blocks, code in the text, links, headings.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// One document.
pub(crate) struct Document {
    /// From the root of the project.
    pub(crate) path: PathBuf,
    pub(crate) lines: Vec<String>,
    pub(crate) blocks: Vec<Block>,
}

/// A fenced block.
pub(crate) struct Block {
    /// The word behind its fence.
    pub(crate) language: String,
    /// The place of its first line in the document, from 0.
    pub(crate) start: usize,
    /// The lines between the fences.
    pub(crate) lines: Vec<String>,
}

impl Document {
    pub(crate) fn read(root: &Path, path: PathBuf) -> Document {
        let text = fs::read_to_string(root.join(&path)).unwrap();
        Document::parse(path, &text)
    }

    pub(crate) fn parse(path: PathBuf, text: &str) -> Document {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut blocks: Vec<Block> = Vec::new();
        let mut open = false;
        for (number, line) in lines.iter().enumerate() {
            match (line.strip_prefix("```"), open) {
                (Some(language), false) => {
                    let language = language.trim().to_owned();
                    blocks.push(Block { language, start: number + 1, lines: Vec::new() });
                    open = true;
                }
                (Some(_), true) => open = false,
                (None, true) => blocks.last_mut().unwrap().lines.push(line.clone()),
                (None, false) => {}
            }
        }
        assert!(!open, "{}: a block is not closed", path.display());
        Document { path, lines, blocks }
    }

    /// The text outside of blocks.
    fn prose(&self) -> String {
        let in_block = |number: usize| {
            let fence = |block: &Block| block.start - 1..block.start + block.lines.len() + 1;
            self.blocks.iter().any(|block| fence(block).contains(&number))
        };
        let lines = self.lines.iter().enumerate().filter(|(number, _)| !in_block(*number));
        lines.map(|(_, line)| format!("{line}\n")).collect()
    }

    /// What stands between backquotes in the text.
    pub(crate) fn code_spans(&self) -> Vec<String> {
        let span = Regex::new(r"`([^`]+)`").unwrap();
        let clean = |text: &str| text.replace("\\|", "|").replace('\n', " ");
        span.captures_iter(&self.prose()).map(|found| clean(&found[1])).collect()
    }

    /// Where its links lead.
    pub(crate) fn links(&self) -> Vec<String> {
        let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
        link.captures_iter(&self.prose()).map(|found| found[1].to_owned()).collect()
    }
}

/// The names under which a document's headings can be linked to.
pub(crate) fn anchors(text: &str) -> BTreeSet<String> {
    let document = Document::parse(PathBuf::new(), text);
    let headings = document.prose();
    let slug = |heading: &str| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        heading.trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
    };
    headings
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| slug(line.trim_start_matches('#')))
        .collect()
}
