//! The changelog at the root, in XML, YAML or JSON: which files there are, and in which order. Of what can stand in one,
//! `include` and `includeAll` are read; all else is refused by its name.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::base::error::{Error, Result};
use crate::base::source::SourceFile;
use crate::import::folder::{File, Folder, problem_at as at};

const ROOT: &str = "databaseChangeLog";

/// What stands in a changelog.
struct Entry {
    name: String,
    says: Vec<(String, String)>,
    /// Where, in bytes.
    at: usize,
}

/// Whether it is one, and no SQL.
pub(super) fn is_changelog(file: &File) -> bool {
    form(&file.path).is_some() && file.read().is_ok_and(|source| source.text().contains(ROOT))
}

/// The files in their order, as the changelog of the folder that no other one includes lists them; `None` without one.
pub(super) fn listed(folder: &Folder) -> Result<Option<Vec<File>>> {
    let all: Vec<&File> = folder.files.iter().filter(|file| is_changelog(file)).collect();
    let [first, ..] = all.as_slice() else { return Ok(None) };
    let mut walks = Vec::new();
    for file in &all {
        let mut walk = Walk { folder, open: Vec::new(), reached: Vec::new(), files: Vec::new() };
        let end = walk.changelog(&file.path);
        walks.push((file, walk, end));
    }
    let is_included = |file: &File| walks.iter().any(|(_, walk, _)| walk.reached.contains(&file.path));
    let roots: Vec<&File> = all.iter().filter(|file| !is_included(file)).copied().collect();
    if let [one, other, ..] = roots.as_slice() {
        let other = other.path.display();
        return Err(one
            .problem(&format!("is a changelog that no other one includes, and {other} is, too"))
            .help("import a copy of the folder that has one of them"));
    }
    // Those that include each other end in an error of their own.
    let root = roots.first().unwrap_or(first);
    let (_, walk, end) = walks
        .into_iter()
        .find(|(file, ..)| file.path == root.path)
        .ok_or_else(|| root.problem("is not a changelog"))?;
    end.map(|()| Some(walk.files))
}

struct Walk<'f> {
    folder: &'f Folder,
    /// The changelogs that are being read.
    open: Vec<PathBuf>,
    /// Those that others include.
    reached: Vec<PathBuf>,
    files: Vec<File>,
}

impl Walk<'_> {
    fn changelog(&mut self, path: &Path) -> Result<()> {
        let source = SourceFile::read(path)?;
        self.open.push(path.to_owned());
        for entry in entries(&source)? {
            self.entry(&source, &entry)?;
        }
        self.open.pop();
        Ok(())
    }

    fn entry(&mut self, source: &SourceFile, entry: &Entry) -> Result<()> {
        let (place, flags): (_, &[&str]) = match entry.name.as_str() {
            "include" => ("file", &["errorIfMissing"]),
            "includeAll" => ("path", &["errorIfMissingOrEmpty"]),
            "changeSet" => {
                return Err(at(source, entry.at, "the changeset is not SQL").help(
                    "`liquibase update-sql` prints what it runs: write that as formatted SQL in a copy of the folder, and \
                     import that one",
                ));
            }
            other => return Err(not_read(source, entry.at, other)),
        };
        let known = |name: &str| name == place || name == "relativeToChangelogFile" || flags.contains(&name);
        if let Some((name, _)) = entry.says.iter().find(|(name, _)| !known(name)) {
            return Err(not_read(source, entry.at, name));
        }
        let said =
            |name: &str| entry.says.iter().find(|(said, _)| said == name).map(|(_, value)| value.as_str());
        let Some(wanted) = said(place) else {
            return Err(at(source, entry.at, &format!("`{}` has no `{place}`", entry.name)));
        };
        let is_relative = said("relativeToChangelogFile") == Some("true");
        let Some(path) = self.find(source.path(), wanted, is_relative) else {
            return Err(at(source, entry.at, &format!("the changelog lists {wanted}, which is not there"))
                .help("import the folder that Liquibase has, or one above it"));
        };
        if !path.is_dir() {
            return self.include(source, entry, path);
        }
        let below = Folder::read(&path)?.files_below()?;
        below.into_iter().try_for_each(|file| self.include(source, entry, file.path))
    }

    fn include(&mut self, source: &SourceFile, entry: &Entry, path: PathBuf) -> Result<()> {
        if path.extension().is_some_and(|extension| extension == "sql") {
            self.files.push(File::at(path));
            return Ok(());
        }
        if form(&path).is_none() {
            return Err(at(
                source,
                entry.at,
                &format!("{} is not a changelog that planctl reads", path.display()),
            )
            .help("it reads formatted SQL, and what includes it in XML, YAML and JSON"));
        }
        if self.open.contains(&path) {
            return Err(at(source, entry.at, &format!("{} includes itself", path.display()))
                .help("leave one of the two lines out in a copy of the folder, and import that one"));
        }
        self.reached.push(path.clone());
        self.changelog(&path)
    }

    /// Where a file lies that a changelog names: from its own place, or from where Liquibase was told to look, which is
    /// the folder or one above it.
    fn find(&self, changelog: &Path, wanted: &str, is_relative: bool) -> Option<PathBuf> {
        let wanted = wanted.trim_start_matches("classpath:").replace('\\', "/");
        let wanted = wanted.trim_start_matches('/');
        let bases: Vec<&Path> = if is_relative {
            changelog.parent().into_iter().collect()
        } else {
            self.folder.dir.ancestors().collect()
        };
        bases.into_iter().map(|base| plain(&base.join(wanted))).find(|path| path.exists())
    }
}

/// Without `.` and `..`, as far as the path itself tells.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

fn not_read(source: &SourceFile, offset: usize, name: &str) -> Error {
    at(source, offset, &format!("`{name}` says how Liquibase runs the files, which planctl does not read"))
        .help("decide it in a copy of the folder, without it, and import that one")
}

/// What reads a changelog of a form.
type Form = fn(&SourceFile) -> Result<Vec<Entry>>;

fn form(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()? {
        "xml" => Some(xml),
        "yaml" | "yml" => Some(yaml),
        "json" => Some(json),
        _ => None,
    }
}

fn entries(source: &SourceFile) -> Result<Vec<Entry>> {
    form(source.path()).map_or_else(|| Ok(Vec::new()), |read| read(source))
}

fn xml(source: &SourceFile) -> Result<Vec<Entry>> {
    let document = roxmltree::Document::parse(source.text())
        .map_err(|error| at(source, 0, "the changelog is not XML").note(error.to_string()))?;
    let entry = |node: roxmltree::Node<'_, '_>| Entry {
        name: node.tag_name().name().to_owned(),
        says: node.attributes().map(|said| (said.name().to_owned(), said.value().to_owned())).collect(),
        at: node.range().start,
    };
    Ok(document.root_element().children().filter(roxmltree::Node::is_element).map(entry).collect())
}

fn json(source: &SourceFile) -> Result<Vec<Entry>> {
    let wrong = |why: String| at(source, 0, "the changelog is not JSON").note(why);
    let document: Value = serde_json::from_str(source.text()).map_err(|error| wrong(error.to_string()))?;
    let all = document.get(ROOT).and_then(Value::as_array);
    let all = all.ok_or_else(|| wrong(format!("it has no list `{ROOT}`")))?;
    let entry = |(name, says): (&String, &Value)| Entry {
        name: name.clone(),
        says: says
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), text_of(value)))
            .collect(),
        at: source.text().find(&format!("\"{name}\"")).unwrap_or_default(),
    };
    Ok(all.iter().filter_map(Value::as_object).flatten().map(entry).collect())
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Of YAML, the list of a changelog, an entry and what it says on lines of their own. What is written otherwise is refused.
fn yaml(source: &SourceFile) -> Result<Vec<Entry>> {
    let mut all: Vec<Entry> = Vec::new();
    let (mut offset, mut begun) = (0, false);
    for line in source.text().split_inclusive('\n') {
        let (start, text) = (offset + line.len() - line.trim_start().len(), line.trim());
        offset += line.len();
        if text.is_empty() || text.starts_with('#') || text == "---" {
            continue;
        }
        let wrong = || {
            at(source, start, "the changelog has here what planctl does not read of YAML")
                .help(format!("it reads a list `{ROOT}:` of `- include:` and `- includeAll:`, each with its `key: value` below"))
        };
        let (key, value) = text.split_once(':').ok_or_else(wrong)?;
        match (begun, key.strip_prefix("- "), all.last_mut()) {
            (false, None, _) if key == ROOT && value.is_empty() => begun = true,
            // What is none of these two is refused by its name, whatever it says.
            (true, Some(name), _) if value.trim().is_empty() || !name.trim().starts_with("include") => {
                all.push(Entry { name: name.trim().to_owned(), says: Vec::new(), at: start });
            }
            (true, None, Some(entry)) if !entry.name.starts_with("include") => {}
            (true, None, Some(entry)) => entry.says.push((key.to_owned(), scalar(value).ok_or_else(wrong)?)),
            _ => return Err(wrong()),
        }
    }
    Ok(all)
}

/// A value on its line: in quotes, or up to a comment.
fn scalar(text: &str) -> Option<String> {
    let text = text.trim();
    for quote in ['\'', '"'] {
        if let Some(rest) = text.strip_prefix(quote) {
            let (value, behind) = rest.split_once(quote)?;
            let ends = behind.is_empty() || behind.trim_start().starts_with('#');
            return (ends && !value.contains('\\')).then(|| value.to_owned());
        }
    }
    let value = text.split(" #").next().unwrap_or_default().trim_end();
    let is_more = value.starts_with(['{', '[', '&', '*', '!', '|', '>', '#']);
    (!value.is_empty() && !is_more).then(|| value.to_owned())
}

impl File {
    fn at(path: PathBuf) -> File {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        File { name, path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Vec<String>> {
        let said = |entry: Entry| {
            let says: Vec<String> =
                entry.says.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{}@{} {}", entry.name, entry.at, says.join(" "))
        };
        Ok(entries(&SourceFile::new(name, text.to_owned()))?.into_iter().map(said).collect())
    }

    #[test]
    fn the_three_forms_say_the_same() {
        for (name, text, said) in [
            (
                "a.xml",
                "<databaseChangeLog xmlns='x'><!-- c --><include file='a.sql'/><changeSet id='1'/></databaseChangeLog>",
                ["include@39 file=a.sql", "changeSet@62 id=1"],
            ),
            (
                "a.yaml",
                "# c\ndatabaseChangeLog:\n  - include:\n      file: 'a.sql' # c\n  - changeSet:\n      id: 1\n      changes:\n",
                ["include@25 file=a.sql", "changeSet@62 "],
            ),
            (
                "a.json",
                r#"{"databaseChangeLog": [{"include": {"file": "a.sql"}}, {"changeSet": {"id": 1}}]}"#,
                ["include@24 file=a.sql", "changeSet@56 id=1"],
            ),
        ] {
            assert_eq!(read(name, text).unwrap(), said, "{name}");
        }
        for text in [
            "databaseChangeLog:\n  - include: {file: a.sql}\n",
            "databaseChangeLog:\n  - include:\n      file: &x a.sql\n",
            "- include:\n",
            "databaseChangeLog:\n  - include:\n      a.sql\n",
            "databaseChangeLog: []\n",
        ] {
            assert!(read("a.yml", text).unwrap_err().to_string().contains("does not read of YAML"), "{text}");
        }
        assert!(read("a.xml", "<a").is_err() && read("a.json", "{}").is_err());
    }
}
