//! The HTML pages in a real browser, on a desk and on a phone: no console error, no request, no page that scrolls
//! sideways. Where no Chromium is installed the tests say that they were skipped.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::Project;

const ODD: &str = include_str!("schema_docs/odd.sql");

/// The browser: `PLANCTL_CHROMIUM`, or the first one of the usual names.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("PLANCTL_CHROMIUM").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    let usual = || std::env::split_paths(&path).flat_map(|dir| names.map(|name| dir.join(name)));
    let found = named.or_else(|| usual().find(|file| file.is_file()));
    if found.is_none() {
        println!("skipped: no Chromium is installed; PLANCTL_CHROMIUM names one");
    }
    found
}

/// Runs in the page, before anything else of it. What the page may not do by its policy is an event.
const PROBE: &str = r#"<script>
const errors = [];
addEventListener('error', e => errors.push('error: ' + (e.message || e.target.outerHTML)), true);
addEventListener('securitypolicyviolation', e => errors.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI));
addEventListener('load', () => setTimeout(() => {
  const page = document.documentElement;
  const beyond = [...document.querySelectorAll('body *')]
    .filter(e => !e.parentElement.closest('.wide') && e.getBoundingClientRect().right > page.clientWidth + 1)
    .map(e => e.outerHTML.slice(0, 200));
  parent.postMessage({
    frame: +location.hash.slice(1), errors, beyond, width: page.clientWidth, content: page.scrollWidth,
    requests: performance.getEntriesByType('resource').map(e => e.name),
    text: document.body.innerText.length,
  }, '*');
}, 50));
</script>"#;

/// What each page comes to at each width, in one run of the browser, and what it logged.
fn look(browser: &Path, pages: &[String], widths: &[u32]) -> (Vec<Value>, String) {
    let dir = tempfile::tempdir().unwrap();
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    // A window cannot be as narrow as a phone, but a frame can.
    let mut frames = String::from(
        "<!DOCTYPE html><meta charset=\"utf-8\"><pre id=\"seen\"></pre><script>
         addEventListener('message', e => seen.textContent += 'SEEN' + JSON.stringify(e.data) + 'END')</script>",
    );
    for (number, page) in pages.iter().enumerate() {
        assert!(page.contains(policy), "a page of ours forbids everything");
        let probed = page
            .replace(policy, &format!("{policy}; script-src 'unsafe-inline'"))
            .replace("<meta name=\"viewport\"", &format!("{PROBE}<meta name=\"viewport\""));
        fs::write(dir.path().join(format!("page{number}.html")), probed).unwrap();
        for (at, width) in widths.iter().enumerate() {
            let frame = number * widths.len() + at;
            frames.push_str(&format!(
                "<iframe src=\"page{number}.html#{frame}\" style=\"border: 0; width: {width}px; height: 800px\"></iframe>"
            ));
        }
    }
    fs::write(dir.path().join("frames.html"), frames).unwrap();
    let (out, log) = (dir.path().join("out"), dir.path().join("log"));
    let mut child = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--enable-logging=stderr", "--virtual-time-budget=10000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", dir.path().join("profile").display()))
        .arg("--window-size=1500,900")
        .arg(format!("file://{}", dir.path().join("frames.html").display()))
        .stdin(Stdio::null())
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(900) {
            child.kill().unwrap();
            panic!("the browser did not come back: {}", fs::read_to_string(&log).unwrap());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let log = fs::read_to_string(&log).unwrap();
    let dom = fs::read_to_string(&out).unwrap();
    let unescaped = dom.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let seen = unescaped.split("SEEN{").skip(1).filter_map(|rest| rest.split("}END").next());
    let mut seen: Vec<Value> =
        seen.map(|text| serde_json::from_str(&format!("{{{text}}}")).unwrap()).collect();
    seen.sort_by_key(|seen| seen["frame"].as_u64());
    assert_eq!(seen.len(), pages.len() * widths.len(), "every page has to speak:\n{log}");
    (seen, log)
}

/// Pages on a desk and on a phone.
fn check(browser: &Path, pages: Vec<(String, String)>) {
    let (names, pages): (Vec<String>, Vec<String>) = pages.into_iter().unzip();
    let widths = [1280, 390];
    let (seen, log) = look(browser, &pages, &widths);
    assert!(!log.contains("CONSOLE"), "{log}");
    for (seen, at) in seen.iter().zip(0..) {
        let (what, width) = (&names[at / 2], widths[at % 2]);
        let empty = |key: &str| assert_eq!(seen[key], serde_json::json!([]), "{what} at {width}: {key}");
        empty("errors");
        empty("requests");
        empty("beyond");
        assert!(seen["width"].as_u64().unwrap() <= u64::from(width), "{seen}");
        assert_eq!(seen["content"], seen["width"], "{what} at {width}: the page scrolls sideways");
        assert!(seen["text"].as_u64().unwrap() > 100, "{what} at {width}: there is something on it");
    }
}

#[test]
fn the_pages_about_schemas_are_sound_in_a_browser() {
    let Some(browser) = chromium() else { return };
    let project = Project::shipped();
    project.write("odd.sql", ODD);
    let page = |source: &str| {
        (source.to_owned(), project.ok(&["schema", "docs", source, "--format", "html"]).stdout)
    };
    check(&browser, vec![page("migrations"), page("odd.sql")]);
}

#[test]
fn the_report_of_an_audit_is_sound_in_a_browser() {
    let Some(browser) = chromium() else { return };
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
    check(&browser, pages);
}

/// A probe that found nothing anywhere would show nothing.
#[test]
fn the_probe_sees_a_page_that_is_not_sound() {
    let Some(browser) = chromium() else { return };
    let project = Project::empty();
    project.write("t.sql", "CREATE TABLE t (a);");
    let page = project.ok(&["schema", "docs", "t.sql", "--format", "html"]).stdout;
    let wide = "<div style=\"width: 3000px\">x</div><img src=\"http://127.0.0.1:9/x.png\"><footer>";
    let (seen, log) = look(&browser, &[page.replace("<footer>", wide)], &[390]);
    assert!(seen[0]["content"].as_u64() > seen[0]["width"].as_u64(), "{}", seen[0]);
    assert_ne!(seen[0]["beyond"], serde_json::json!([]));
    assert_ne!(seen[0]["errors"], serde_json::json!([]));
    assert!(log.contains("CONSOLE"), "{log}");
}
