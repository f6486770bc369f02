use std::path::Path;

use super::*;

/// Rules whose examples are about schemas; what rows hold is proven elsewhere.
fn of_schemas() -> impl Iterator<Item = AuditRule> {
    AuditRule::all().filter(|rule| !rule.is_about_rows())
}

/// Law: the example of a rule raises that rule; rules about the ledger may stand beside the difference itself.
#[test]
fn the_example_of_each_rule_raises_it_and_nothing_else() {
    for code in of_schemas() {
        let audit = Example::of(rule(code)).audit().unwrap_or_else(|error| panic!("{code}: {error}"));
        let found: Vec<&str> = audit.findings.iter().map(|finding| finding.rule.as_str()).collect();
        let expected: &[&str] = match code.as_str() {
            "expired-deviation" => &["column-default", "expired-deviation"],
            code => &[code],
        };
        assert_eq!(found, expected, "{code}");
    }
}

/// Law: the entry that is shown excuses the example, once a reason is written.
#[test]
fn the_entry_that_is_shown_excuses_the_example() {
    for code in of_schemas() {
        let Some(entry) = excuse(code).unwrap() else { continue };
        let entry = entry.split("\n# or").next().unwrap();
        let refused = Ledger::parse(&SourceFile::new("deviations.toml", entry)).unwrap_err();
        assert!(refused.message().contains("empty reason"), "{code}: nobody excuses without a reason");
        let ledger = entry.replace("reason = \"\"", "reason = \"meant\"");
        let audit = Example { ledger, ..Example::of(rule(code)) }.audit().unwrap();
        let excused = audit.findings.iter().filter(|finding| finding.excuse.is_some()).count();
        assert_eq!((excused, audit.findings.len()), (1, 1), "{code}");
    }
}

#[test]
fn an_unknown_rule_is_answered_with_the_nearest() {
    let help = |code| run("audit", Some(code), AuditRule::all()).unwrap_err().help_text().unwrap().to_owned();
    assert_eq!(help("colum-defalt"), "did you mean `column-default`?");
    assert_eq!(help("zzz"), "`planctl audit --explain` lists the rules");
}

/// Law: what a finding can name can be explained, also by the command that does not raise it.
#[test]
fn every_rule_is_explained_by_its_name() {
    for code in RuleCode::all() {
        let report = run("migrate lint", Some(code.as_str()), LintRule::all()).unwrap();
        let Some(crate::report::wire::Body::Explained(explained)) = &report.body else { panic!("{code}") };
        let [rule] = explained.rules.as_slice() else { panic!("{code}") };
        assert_eq!(rule.rule, code);
        assert!(!rule.summary.is_empty() && !rule.why.is_empty(), "{code}");
        let shown = format!("{:?}", report.document);
        for part in [code.as_str(), rule.summary, rule.why] {
            let part = format!("{part:?}");
            assert!(shown.contains(part.trim_matches('"')), "{part}: {shown}");
        }
    }
}

/// docs/rules.md, from the same texts as `--explain`.
fn page() -> String {
    let mut page = "# The audit's rules\n\n\
        `planctl audit` reports each difference between the spec and the database under one of these rules. Each section \
        says what the rule means and why it matters, and shows a spec and a database on which the audit finds exactly this. \
        `planctl audit --explain RULE` prints the same. The rules of `planctl migrate lint` are in \
        [migrations](migrations.md#lint).\n\n\
        What to do about a finding:\n\n\
        - The database is wrong: run the command above the counts of the report \
        ([how to close a difference](audit.md#how-to-close-a-difference)). Rows that are wrong need an UPDATE, in a \
        migration if other databases have them, too.\n\
        - The spec is wrong: edit it.\n\
        - The difference is intended: add the entry shown to the [deviation ledger](audit.md#the-ledger), with your \
        reason.\n\
        - You know of it and will fix it later: record it as [known drift](audit.md#known-drift).\n\n\
        | rule | severity | what it finds |\n|---|---|---|\n"
        .to_owned();
    for code in AuditRule::all() {
        let rule = rule(code);
        let severity = severity(code.into()).text;
        page.push_str(&format!(
            "| [{0}](#{0}) | {severity} | {1} |\n",
            code,
            rule.summary.replace('|', "\\|")
        ));
    }
    for name in AuditRule::all() {
        let rule = rule(name);
        page.push_str(&format!(
            "\n## {}\n\n{}: {}.\n\n{}\n",
            name,
            severity(name.into()).text,
            rule.summary,
            rule.why
        ));
        let Example { spec, database, ledger } = Example::of(rule);
        let mut code = |title: &str, language: &str, text: &str| {
            if !text.is_empty() {
                page.push_str(&format!("\n{title}:\n\n```{language}\n{}\n```\n", text.trim_end()));
            }
        };
        code("Spec", "sql", &spec);
        code("Database", "sql", &database);
        code("Ledger", "toml", &ledger);
        match excuse(name).unwrap() {
            Some(entry) => code("If it is intended, in the ledger", "toml", &entry),
            None => page.push_str(&format!("\n{MENDED}\n")),
        }
    }
    page
}

#[test]
fn the_page_of_rules_is_what_the_registry_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/rules.md is not up to date: UPDATE_DOCS=1 cargo test writes it anew");
}
