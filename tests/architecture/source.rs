//! The source as a graph: the modules that are files, which of them uses which, and what else is measured in them.
//! Tests are left out: they may look at anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, ItemFn, ItemMod, ItemUse, LitStr, Macro, UseTree, Visibility};

/// The path of a module, without `crate`.
pub(crate) type Module = Vec<String>;

/// A module that is a file of its own.
#[derive(Default, Debug)]
pub(crate) struct File {
    /// Below `src`.
    pub(crate) name: String,
    /// Lines outside tests.
    pub(crate) lines: usize,
    /// Crates whose paths it has.
    pub(crate) crates: BTreeSet<String>,
    /// Functions, each with its line and how many lines it has.
    pub(crate) functions: Vec<(String, usize, usize)>,
    /// What stands in its string literals, each with its line.
    pub(crate) texts: Vec<(usize, String)>,
    /// Absolute paths that it uses.
    paths: BTreeSet<Vec<String>>,
    /// Names that it passes on, and where they come from.
    passed_on: BTreeMap<String, Vec<String>>,
    /// Its modules that are in files.
    children: BTreeSet<String>,
}

impl File {
    /// Absolute paths that it uses.
    pub(crate) fn paths(&self) -> &BTreeSet<Vec<String>> {
        &self.paths
    }
}

/// All files of a crate.
pub(crate) struct Source {
    pub(crate) files: BTreeMap<Module, File>,
}

impl Source {
    /// Reads the files below `root`, from its `lib.rs` on.
    pub(crate) fn read(root: &Path) -> Source {
        let mut source = Source { files: BTreeMap::new() };
        source.read_file(root, "lib.rs", Module::new());
        source
    }

    fn read_file(&mut self, root: &Path, name: &str, module: Module) {
        let text = fs::read_to_string(root.join(name)).unwrap();
        let file = parse(name, &text, &module);
        let children = file.children.clone();
        self.files.insert(module.clone(), file);
        for child in children {
            let path = [module.as_slice(), std::slice::from_ref(&child)].concat();
            let stem = path.join("/");
            let name = [format!("{stem}.rs"), format!("{stem}/mod.rs")]
                .into_iter()
                .find(|name| root.join(name).is_file())
                .unwrap_or_else(|| panic!("src/{name} has a module `{child}` that is no file"));
            self.read_file(root, &name, path);
        }
    }

    /// The files that `of` uses: where the names come from, whoever passes them on.
    pub(crate) fn used_by(&self, of: &Module) -> BTreeSet<Module> {
        let paths = &self.files[of].paths;
        paths.iter().filter_map(|path| self.home(path)).filter(|home| home != of).collect()
    }

    /// The file where what a path names is written.
    fn home(&self, path: &[String]) -> Option<Module> {
        let mut path = path.to_vec();
        // More steps than any name is passed on by: a circle of names would not compile.
        for _ in 0..16 {
            let at = (1..=path.len()).rev().find(|at| self.files.contains_key(&path[..*at]))?;
            let Some(next) = path.get(at).and_then(|name| self.files[&path[..at]].passed_on.get(name)) else {
                return Some(path[..at].to_vec());
            };
            path = [next.as_slice(), &path[at + 1..]].concat();
        }
        panic!("{path:?} is passed on without end");
    }

    /// Files that use each other in a circle.
    pub(crate) fn circles(&self) -> Vec<Vec<Module>> {
        let arrows = self.files.keys().map(|file| (file.clone(), self.used_by(file))).collect();
        circles(&arrows)
    }
}

/// The strongly connected parts of a graph that are more than one node: whoever is reached from a node and reaches it.
pub(crate) fn circles<N: Clone + Ord>(arrows: &BTreeMap<N, BTreeSet<N>>) -> Vec<Vec<N>> {
    let reached = |from: &N| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(node) = next.pop() {
            for to in arrows.get(&node).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    next.push(to.clone());
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&N, BTreeSet<N>> = arrows.keys().map(|node| (node, reached(node))).collect();
    let mut circles: Vec<Vec<N>> = Vec::new();
    for (node, seen) in &reach {
        if seen.contains(node) && !circles.iter().flatten().any(|known| known == *node) {
            circles.push(seen.iter().filter(|other| reach[other].contains(node)).cloned().collect());
        }
    }
    circles
}

/// One file, taken apart. `module` is its path.
pub(crate) fn parse(name: &str, text: &str, module: &[String]) -> File {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("src/{name}: {error}"));
    let mut reader =
        Reader { file: File { name: name.to_owned(), ..File::default() }, scope: module.to_vec(), depth: 0 };
    for item in &file.items {
        if let syn::Item::Mod(item) = item
            && item.content.is_none()
            && !is_test(&item.attrs)
        {
            reader.file.children.insert(item.ident.to_string());
        }
    }
    reader.visit_file(&file);
    let tests: usize = file
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(item) if is_test(&item.attrs) && item.content.is_some() => Some(length(item)),
            _ => None,
        })
        .sum();
    reader.file.lines = text.lines().count() - tests;
    reader.file
}

fn length(item: &impl syn::spanned::Spanned) -> usize {
    item.span().end().line - item.span().start().line + 1
}

/// Whether an item is there for tests or for the examples of the documentation only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg = attribute.path().is_ident("cfg");
        attribute.path().is_ident("test")
            || is_cfg
                && attribute.meta.require_list().is_ok_and(|list| {
                    let words: Vec<String> =
                        list.tokens.clone().into_iter().map(|token| token.to_string()).collect();
                    let first = words.first().map(String::as_str);
                    matches!(first, Some("test" | "doctest"))
                        || first == Some("all") && words.get(1).is_some_and(|of| of.starts_with("(test"))
                })
    })
}

struct Reader {
    file: File,
    /// The module that is being read: an inline one is part of its file.
    scope: Module,
    /// How many of the scope's modules are inline.
    depth: usize,
}

impl Reader {
    /// A path, from wherever it starts.
    fn path(&mut self, segments: &[String]) -> Option<Vec<String>> {
        let first = segments.first()?.as_str();
        let home = &self.scope[..self.scope.len() - self.depth];
        match first {
            "crate" => Some(segments[1..].to_vec()),
            "self" => Some([self.scope.as_slice(), &segments[1..]].concat()),
            "super" => {
                let up = segments.iter().take_while(|segment| *segment == "super").count();
                let base = &self.scope[..self.scope.len().checked_sub(up)?];
                Some([base, &segments[up..]].concat())
            }
            child if self.file.children.contains(child) => Some([home, segments].concat()),
            _ => {
                self.file.crates.insert(first.to_owned());
                None
            }
        }
    }

    fn uses(&mut self, segments: &[String]) {
        if segments.len() > 1
            && let Some(path) = self.path(segments)
        {
            self.file.paths.insert(path);
        }
    }

    fn tree(&mut self, tree: &UseTree, prefix: &[String], passes_on: bool) {
        let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        let (path, name) = match tree {
            UseTree::Path(path) => return self.tree(&path.tree, &with(&path.ident), passes_on),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.tree(tree, prefix, passes_on));
            }
            UseTree::Glob(_) => (prefix.to_vec(), None),
            UseTree::Name(name) if name.ident == "self" => (prefix.to_vec(), prefix.last().cloned()),
            UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            UseTree::Rename(rename) => (with(&rename.ident), Some(rename.rename.to_string())),
        };
        let Some(path) = self.path(&path) else { return };
        let is_below = path.len() > self.scope.len() && path.starts_with(&self.scope);
        // Modules below see what is private here, too.
        if let Some(name) = name {
            self.file.passed_on.insert(name, path.clone());
        }
        // Passing on what is in a folder is what the folder's own file is for.
        if !(passes_on && is_below) {
            self.file.paths.insert(path);
        }
    }

    /// What a macro is given: nobody but the macro knows what it means, but paths and texts look like that everywhere.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.uses(&std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<LitStr>(&literal.to_string()) {
                        self.file.texts.push((literal.span().start().line, text.value()));
                    }
                }
                TokenTree::Punct(_) => {}
            }
            self.uses(&std::mem::take(&mut path));
            colons = 0;
        }
        self.uses(&path);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes: &[Attribute] = match item {
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Static(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_some() {
            self.scope.push(item.ident.to_string());
            self.depth += 1;
            visit::visit_item_mod(self, item);
            self.scope.pop();
            self.depth -= 1;
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        let name = item.sig.ident.to_string();
        self.file.functions.push((name, item.sig.span().start().line, length(&item.block)));
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let name = item.sig.ident.to_string();
        self.file.functions.push((name, item.sig.span().start().line, length(&item.block)));
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.uses(&segments);
        visit::visit_path(self, path);
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        self.file.texts.push((text.span().start().line, text.value()));
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}
