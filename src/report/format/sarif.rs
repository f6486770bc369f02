use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use super::json::write_document;
use crate::base::error::Error;
use crate::base::escape::{uri_path, visible};
use crate::base::finding::{Finding, Object};
use crate::base::rule::RuleCode;
use crate::base::severity::Severity;
use crate::base::source::Location;
use crate::report::finding::file as name_of;
use crate::report::summary::Standing;
use crate::report::{Envelope, Render, Report};

/// SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>), as code scanning services read it.
pub(crate) struct Sarif;

impl Render for Sarif {
    fn render(&self, report: &Report, envelope: &Envelope, out: &mut dyn Write) -> io::Result<()> {
        let mut rules = Rules::of(report);
        let mut seen = HashMap::new();
        let results: Vec<Value> = report
            .findings
            .iter()
            .map(|finding| result(finding, report.file_of(finding), &mut rules, &mut seen))
            .collect();
        let mut invocation = Map::new();
        invocation.insert("executionSuccessful".into(), report.error.is_none().into());
        if let Ok(started) = envelope.started.format(&Rfc3339) {
            invocation.insert("startTimeUtc".into(), started.into());
        }
        if let Some(error) = &report.error {
            invocation.insert("toolExecutionNotifications".into(), json!([notification(error)]));
        }
        let document = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "planctl",
                    "version": envelope.version,
                    "semanticVersion": envelope.version,
                    "informationUri": env!("CARGO_PKG_HOMEPAGE"),
                    "rules": rules.wire,
                } },
                "automationDetails": {
                    "id": format!("planctl/{}/{}", report.command.replace(' ', "-"), envelope.run_id),
                },
                "invocations": [invocation],
                "columnKind": "unicodeCodePoints",
                "results": results,
            }],
        });
        write_document(&document, out)
    }
}

/// The rules in the order of their indexes: those that the report names, then those that only its findings know.
struct Rules {
    index: HashMap<RuleCode, usize>,
    wire: Vec<Value>,
}

impl Rules {
    fn of(report: &Report) -> Rules {
        let mut rules = Rules { index: HashMap::new(), wire: Vec::new() };
        for rule in report.rules.iter().flatten() {
            rules.add(rule.code, rule.summary, rule.help);
        }
        rules
    }

    fn add(&mut self, code: RuleCode, summary: &str, help: &str) -> usize {
        if let Some(&index) = self.index.get(&code) {
            return index;
        }
        let index = self.wire.len();
        self.wire.push(json!({
            "id": code.as_str(),
            "shortDescription": { "text": summary },
            // GitHub's code scanning asks for it, and shows it above the help.
            "fullDescription": { "text": summary },
            "help": { "text": help },
        }));
        self.index.insert(code, index);
        index
    }
}

fn result(finding: &Finding, file: Option<&str>, rules: &mut Rules, seen: &mut HashMap<u64, usize>) -> Value {
    let index = rules.add(finding.rule, finding.rule.as_str(), finding.rule.as_str());
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut location = Map::new();
    if let Some(place) = &finding.location {
        location.insert("physicalLocation".into(), physical(place));
    } else if let Some(file) = file {
        location.insert("physicalLocation".into(), json!({ "artifactLocation": { "uri": uri(file) } }));
    }
    location.insert("logicalLocations".into(), json!([logical(&finding.object)]));
    let suppressions = match (finding.standing(), &finding.excuse) {
        (Standing::Documented, Some(excuse)) => {
            let reason = visible(&excuse.reason).into_owned();
            let justification = match &excuse.link {
                Some(link) => format!("{reason} ({})", visible(link)),
                None => reason,
            };
            json!([{ "kind": "external", "status": "accepted", "justification": justification }])
        }
        (Standing::Baseline, _) => {
            json!([{ "kind": "external", "status": "accepted", "justification": "known drift" }])
        }
        _ => json!([]),
    };
    let lines: Vec<String> = finding.lines().iter().map(|line| message_text(line)).collect();
    // The same difference twice in one report is told apart by a counter.
    let fingerprint = fingerprint(finding);
    let count = seen.entry(fingerprint).and_modify(|count| *count += 1).or_insert(0);
    let mut properties = json!({ "expected": finding.expected, "actual": finding.actual });
    if let Some(database) = &finding.database {
        properties["database"] = visible(database).into();
    }
    json!({
        "ruleId": finding.rule.as_str(),
        "ruleIndex": index,
        "level": level,
        "message": { "text": lines.join("\n") },
        "locations": [location],
        "partialFingerprints": { "planctlFinding/v1": format!("{fingerprint:016x}:{count}") },
        "suppressions": suppressions,
        "properties": properties,
    })
}

/// Plain text; `](` would make a link of what stands in brackets (section 3.11.6 of the standard).
fn message_text(text: &str) -> String {
    visible(text).replace("](", "] (")
}

fn physical(place: &Location) -> Value {
    json!({
        "artifactLocation": { "uri": uri(&name_of(place)) },
        "region": { "startLine": place.line.max(1), "startColumn": place.column.max(1) },
    })
}

fn logical(object: &Object) -> Value {
    let path = object.path();
    let name = object.name.as_deref().unwrap_or(&path);
    json!({ "name": visible(name), "fullyQualifiedName": visible(&path), "kind": object.kind })
}

fn notification(error: &Error) -> Value {
    let mut text = error.message().to_owned();
    for line in error.notes().iter().map(String::as_str).chain(error.help_text()) {
        text.push_str("; ");
        text.push_str(line);
    }
    let mut notification = json!({ "level": "error", "message": { "text": message_text(&text) } });
    if let (Some(place), Some(map)) = (error.location(), notification.as_object_mut()) {
        map.insert("locations".into(), json!([{ "physicalLocation": physical(place) }]));
    }
    notification
}

/// A path as a URI reference (RFC 3986).
fn uri(path: &str) -> String {
    format!("{}{}", if path.starts_with('/') { "file://" } else { "" }, uri_path(path.as_bytes()))
}

/// What makes two findings the same one in two reports: everything but their place and their words. FNV-1a, because it
/// stays the same from one release of planctl to the next.
fn fingerprint(finding: &Finding) -> u64 {
    let object = &finding.object;
    let parts = [
        Some(finding.rule.as_str()),
        Some(object.kind),
        object.table.as_deref(),
        object.name.as_deref(),
        finding.expected.as_deref(),
        finding.actual.as_deref(),
    ];
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    for part in parts {
        // Neither byte occurs in UTF-8: where one part ends and the next begins is part of the hash.
        add(if part.is_some() { 0xff } else { 0xfe });
        part.unwrap_or_default().bytes().for_each(&mut add);
    }
    // Of a report on one database it stays what it was.
    finding.database.iter().flat_map(|name| name.bytes()).for_each(&mut add);
    hash
}
