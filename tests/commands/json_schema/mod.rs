//! What `planctl json-schema` says, held against what commands print.

mod documents;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::{OUTPUT, Project, Validator};
use documents::{Printed, documents};

/// The schema of a command; of everything for none.
fn schema(command: &str) -> Value {
    let words = command.split(' ').filter(|word| !word.is_empty());
    let args: Vec<&str> = ["json-schema"].into_iter().chain(words).collect();
    Project::empty().ok(&args).document()
}

/// The names of the commands, as the schema of everything has them.
fn commands(schema: &Value) -> BTreeSet<&str> {
    let documents = schema["anyOf"].as_array().unwrap();
    documents.iter().filter_map(|document| document["properties"]["command"]["const"].as_str()).collect()
}

/// Law: what is printed is in the schema, every key of it, and what is in the schema is printed.
#[test]
fn every_document_matches_the_schema_and_every_key_of_the_schema_is_printed() {
    let whole = schema("");
    let each: BTreeMap<&str, Validator> =
        commands(&whole).into_iter().map(|name| (name, Validator::new(schema(name)))).collect();
    let mut unseen = OUTPUT.properties();
    for Printed { line, document } in documents() {
        let seen = OUTPUT.check(&document).unwrap_or_else(|wrong| panic!("{line}: {wrong}\n{document:#}"));
        unseen.retain(|place| !seen.contains(place));
        if let Some(own) = document["command"].as_str().and_then(|name| each.get(name)) {
            own.check(&document).unwrap_or_else(|wrong| panic!("{line}, of its own: {wrong}\n{document:#}"));
        }
        let is_trouble = document["outcome"] == "trouble";
        assert_eq!(is_trouble, document["error"].is_object(), "{line}: {document:#}");
        assert_is_held(&line, &document);
    }
    // Every document has room for an `error` beside its result; which commands can have both is not said.
    unseen.retain(|place| !place.starts_with("/anyOf/") || !place.ends_with("/properties/error"));
    assert_eq!(unseen, BTreeSet::new());
}

/// Nothing else is taken for the document.
fn assert_is_held(line: &str, document: &Value) {
    for key in document.as_object().unwrap().keys() {
        let mut other = document.clone();
        other[key] = json!({ "other": [] });
        assert!(OUTPUT.check(&other).is_err(), "{line}: {key} can be anything");
    }
    let mut more = document.clone();
    more["nonsense"] = json!(1);
    assert!(OUTPUT.check(&more).is_err(), "{line}: it can have any key");
}

/// Law: nothing is left unsaid, of no key and of no type; enumerations have the words that the program knows.
#[test]
fn every_key_is_described_and_every_version_named() {
    let whole = schema("");
    assert_eq!(whole["$id"], format!("urn:planctl:{}:output", env!("CARGO_PKG_VERSION")));
    let mut mute = Vec::new();
    undescribed(&whole, &whole, "", &mut mute);
    assert_eq!(mute, Vec::<String>::new());
    let rules = planctl::internals::base::rule::RuleCode::all().map(|rule| rule.as_str());
    assert_eq!(whole["$defs"]["RuleName"]["enum"], json!(rules.collect::<Vec<_>>()));
}

fn undescribed(whole: &Value, schema: &Value, place: &str, mute: &mut Vec<String>) {
    let Value::Object(keys) = schema else {
        return schema
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|item| undescribed(whole, item, place, mute));
    };
    for (key, value) in keys {
        let place = format!("{place}/{key}");
        if key == "properties" {
            for (name, value) in value.as_object().unwrap() {
                let target = value["$ref"].as_str().and_then(|target| whole.pointer(&target[1..]));
                let has = |schema: &Value| schema["description"].is_string();
                if !has(value) && !target.is_some_and(has) {
                    mute.push(format!("{place}/{name}"));
                }
                undescribed(whole, value, &format!("{place}/{name}"), mute);
            }
        } else {
            undescribed(whole, value, &place, mute);
        }
    }
}

/// Law: a command that offers `--format json` has a schema, and no other has.
#[test]
fn the_commands_with_a_schema_are_those_that_print_json() {
    use clap::CommandFactory as _;
    fn offer(command: &clap::Command, name: &str, found: &mut BTreeSet<String>) {
        let json = |arg: &clap::Arg| {
            arg.get_id() == "format"
                && arg.get_possible_values().iter().any(|value| value.get_name() == "json")
        };
        if command.get_arguments().any(json) {
            found.insert(name.to_owned());
        }
        for sub in command.get_subcommands() {
            offer(sub, format!("{name} {}", sub.get_name()).trim(), found);
        }
    }
    let mut found = BTreeSet::new();
    offer(&planctl::internals::cli::Cli::command(), "", &mut found);
    let whole = schema("");
    assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), commands(&whole));
}

#[test]
fn what_has_no_schema_is_refused_with_those_that_have() {
    let project = Project::empty();
    let refused = |line: &str, parts: &[&str]| {
        let run = project.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{line}");
        parts.iter().for_each(|part| assert!(run.stderr.contains(part), "{line}: {}", run.stderr));
    };
    refused(
        "json-schema migrate",
        &["there is no JSON Schema for `migrate`", "there is one for migrate adopt, "],
    );
    refused("json-schema up migrate", &["did you mean `migrate up`?"]);
    refused("json-schema settings audit", &["there is no JSON Schema for `settings audit`"]);
    refused("json-schema aduit", &["did you mean `audit`?"]);
    refused("json-schema leger", &["did you mean `ledger`?"]);
    refused("json-schema nothing like it", &["known: `audit`, `backfill`, "]);
}
