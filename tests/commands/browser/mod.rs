//! The HTML pages in a real browser, on a desk and on a phone: nothing on the console, no request, no page that scrolls
//! sideways; and the diagram as people use it. Where no Chromium is installed the tests say that they were skipped.

mod devtools;
mod diagram;

use serde_json::{Value, json};

use self::devtools::Browser;
use crate::harness::Project;

const ODD: &str = include_str!("../schema_docs/odd.sql");

/// What is wider than the page without a box of its own to scroll in.
const BEYOND: &str = "[...document.querySelectorAll('body *')]
    .filter(e => !e.parentElement.closest('.wide'))
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(e => e.outerHTML.slice(0, 200))";

/// What a page comes to in a window of this width.
fn look(browser: &mut Browser, page: &str, width: u32) -> Value {
    browser.size(width, 800);
    browser.open(page);
    browser.settle();
    json!({
        "complaints": browser.complaints(),
        "requests": browser.requests(),
        "beyond": browser.js(BEYOND),
        "width": browser.js("document.documentElement.clientWidth"),
        "content": browser.js("document.documentElement.scrollWidth"),
        "text": browser.js("document.body.innerText.length"),
    })
}

/// Pages on a desk, on a small one and on a phone.
fn check(browser: &mut Browser, pages: Vec<(String, String)>) {
    for (what, page) in pages {
        for width in [1440, 1024, 800, 360] {
            let seen = look(browser, &page, width);
            for key in ["complaints", "requests", "beyond"] {
                assert_eq!(seen[key], json!([]), "{what} at {width}: {key}");
            }
            assert!(seen["width"].as_u64().unwrap() <= u64::from(width), "{seen}");
            assert_eq!(seen["content"], seen["width"], "{what} at {width}: the page scrolls sideways");
            assert!(seen["text"].as_u64().unwrap() > 100, "{what} at {width}: there is something on it");
        }
    }
}

#[test]
fn the_pages_about_schemas_are_sound_in_a_browser() {
    let Some(mut browser) = Browser::start() else { return };
    let project = Project::shipped();
    project.write("odd.sql", ODD);
    let columns: Vec<String> = (0..60)
        .map(|n| format!("a_column_with_a_long_name_{n} VARCHAR(255) DEFAULT 'a long text {n}'"))
        .collect();
    project.write("wide.sql", format!("CREATE TABLE wide ({});", columns.join(", ")));
    let page = |source: &str| {
        (source.to_owned(), project.ok(&["schema", "docs", source, "--format", "html"]).stdout)
    };
    check(&mut browser, vec![page("migrations"), page("odd.sql"), page("wide.sql")]);
}

#[test]
fn the_report_of_an_audit_is_sound_in_a_browser() {
    let Some(mut browser) = Browser::start() else { return };
    let project = Project::shipped();
    let page = |args: &[&str]| {
        let run = project.run(&[args, &["--format", "html"]].concat());
        assert!(run.status < 2, "{}", run.stderr);
        (args.join(" "), run.stdout)
    };
    let mut pages =
        vec![page(&["audit", "--scratch"]), page(&["audit", "--scratch", "--strict"]), page(&["check"])];
    // Names and texts that are long and hostile, on both sides.
    project.write("odd.sql", ODD);
    pages.push(page(&["schema", "diff", "migrations", "odd.sql"]));
    pages.push(page(&["schema", "diff", "odd.sql", "migrations"]));
    check(&mut browser, pages);
}

/// Of long bodies the page shows where they differ, and all of them when they are unfolded, or on paper.
#[test]
fn long_bodies_unfold_and_are_whole_on_paper() {
    let Some(mut browser) = Browser::start() else { return };
    let project = Project::empty();
    let columns: Vec<String> = (0..60).map(|n| format!("column_{n}")).collect();
    let columns = columns.join(", ");
    let sql =
        |end: &str| format!("CREATE TABLE t ({columns});\nCREATE VIEW v AS SELECT {columns} FROM t {end};");
    project.write("a.sql", sql("LIMIT 1"));
    project.write("b.sql", sql("LIMIT 2"));
    browser.size(800, 800);
    browser.open(&project.run(&["schema", "diff", "a.sql", "b.sql", "--format", "html"]).stdout);
    let wholes = [1, 2].map(|n| format!("SELECT {columns} FROM t LIMIT {n}"));
    let whole_ones = |browser: &mut Browser| {
        let text = browser.js("document.body.innerText").as_str().unwrap().replace('\n', " ");
        assert!(text.contains("t LIMIT 1") && text.contains("t LIMIT 2"), "{text}");
        wholes.each_ref().map(|whole| text.contains(whole.as_str()))
    };
    assert_eq!(whole_ones(&mut browser), [false, false]);
    let summary = browser
        .js("(() => { const box = document.querySelector('.whole summary').getBoundingClientRect();
            return [box.x + 4, box.y + 8]; })()");
    browser.click([0, 1].map(|at| summary[at].as_f64().unwrap()));
    browser.settle();
    assert_eq!(whole_ones(&mut browser), [true, false]);
    browser.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    assert_eq!(whole_ones(&mut browser), [true, true]);
    let seen = "[...document.querySelectorAll('.whole summary')].filter(e => e.checkVisibility()).length";
    assert_eq!(browser.js(seen), 0, "what is there in full is not there in part as well");
}

/// Every table was a stop for the keyboard, hundreds on a page, and nothing to do at any of them.
#[test]
fn the_keyboard_stops_only_where_there_is_something_to_do() {
    let Some(mut browser) = Browser::start() else { return };
    let project = Project::shipped();
    project.write("odd.sql", ODD);
    let stops = "[...document.querySelectorAll('[tabindex]')].map(e => e.parentElement.className)";
    browser.size(1280, 800);
    browser.open(&project.ok(&["schema", "docs", "odd.sql", "--format", "html"]).stdout);
    assert_eq!(browser.js(stops), json!(["diagram live"]));
    browser.open(&project.run(&["schema", "diff", "odd.sql", "migrations", "--format", "html"]).stdout);
    assert_eq!(browser.js(stops), json!([]));
}

/// Each table with a difference had a table with titles of its own, for a single row.
#[test]
fn differences_are_one_table_with_a_part_for_each_table() {
    let Some(mut browser) = Browser::start() else { return };
    let project = Project::empty();
    project.write("a.sql", "CREATE TABLE t (a, b); CREATE TABLE u (a); CREATE TABLE w (a);");
    project.write("b.sql", "CREATE TABLE t (a); CREATE TABLE u (a, b, c); CREATE TABLE w (a);");
    browser.size(800, 800);
    browser.open(&project.run(&["schema", "diff", "a.sql", "b.sql", "--format", "html"]).stdout);
    let shape = "[...document.querySelectorAll('.sides')].map(table => [table.tHead.rows.length,
        ...[...table.tBodies].map(part => [part.rows[0].innerText.split(/\\s/)[0], part.rows.length - 1])])";
    assert_eq!(browser.js(shape), json!([[1, ["t", 1], ["u", 2]]]));
}

/// Checks that found nothing anywhere would show nothing.
#[test]
fn the_checks_see_a_page_that_is_not_sound() {
    let Some(mut browser) = Browser::start() else { return };
    let project = Project::empty();
    project.write("t.sql", "CREATE TABLE t (a);");
    let page = project.ok(&["schema", "docs", "t.sql", "--format", "html"]).stdout;
    let add = |html: &str| page.replace("<footer>", &format!("{html}<footer>"));
    let seen = look(&mut browser, &add("<div style=\"width: 3000px\">x</div>"), 390);
    assert!(seen["content"].as_u64() > Some(390), "{seen}");
    assert_ne!(seen["beyond"], json!([]));
    for forbidden in [
        "<img src=\"http://127.0.0.1:9/x.png\">",
        "<script>document.title = 'forged'</script>",
        "<img src=\"data:,\" onerror=\"document.title = 'forged'\">",
        "<style>@import 'http://127.0.0.1:9/x.css';</style>",
    ] {
        let seen = look(&mut browser, &add(forbidden), 390);
        assert_ne!(seen["complaints"], json!([]), "{forbidden}");
        assert_eq!(browser.js("document.title"), "Database schema", "{forbidden} has done nothing");
    }
}
