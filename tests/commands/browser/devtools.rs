//! A Chromium that is driven as its developer tools drive it: messages of JSON, each with a zero byte behind it, over
//! two pipes (<https://chromedevtools.github.io/devtools-protocol/>). What is clicked, typed or printed here takes the
//! way that a person's click takes.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// The browser: `PLANCTL_CHROMIUM`, or the first one of the usual names.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("PLANCTL_CHROMIUM").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    let usual = || std::env::split_paths(&path).flat_map(|dir| names.map(|name| dir.join(name)));
    let found = named.or_else(|| usual().find(|file| file.is_file()));
    if found.is_none() || !cfg!(unix) {
        println!("skipped: no Chromium is installed; PLANCTL_CHROMIUM names one");
        return None;
    }
    found
}

/// A browser with one page.
pub(super) struct Browser {
    child: Child,
    dir: tempfile::TempDir,
    to: File,
    from: Receiver<Value>,
    sent: u64,
    session: Option<String>,
    /// What it told without being asked, since the page was opened.
    events: Vec<Value>,
}

impl Browser {
    /// Starts one; `None` where none is installed.
    pub(super) fn start() -> Option<Browser> {
        let program = chromium()?;
        let dir = tempfile::tempdir().unwrap();
        let pipe = |name: &str| dir.path().join(name);
        assert!(Command::new("mkfifo").args([pipe("to"), pipe("from")]).status().unwrap().success());
        let child = Command::new("/bin/sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<to 4>from"])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--remote-debugging-pipe", "--user-data-dir=profile"])
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(pipe("log")).unwrap())
            .spawn()
            .unwrap();
        let to = File::options().write(true).open(pipe("to")).unwrap();
        let from = BufReader::new(File::open(pipe("from")).unwrap());
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for message in from.split(0).map_while(Result::ok) {
                let _ = sender.send(serde_json::from_slice(&message).unwrap());
            }
        });
        let mut browser =
            Browser { child, dir, to, from: receiver, sent: 0, session: None, events: Vec::new() };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    fn next(&mut self) -> Value {
        self.from.recv_timeout(Duration::from_secs(900)).unwrap_or_else(|_| {
            panic!("no word from the browser: {}", fs::read_to_string(self.dir.path().join("log")).unwrap())
        })
    }

    /// Has a method carried out; gives its result.
    pub(super) fn call(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut answer = self.next();
            if answer["id"] == self.sent {
                assert_eq!(answer["error"], Value::Null, "{method}: {params}");
                return answer["result"].take();
            }
            self.events.push(answer);
        }
    }

    /// The size of the window.
    pub(super) fn size(&mut self, width: u32, height: u32) {
        let phone = width < 500;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
        self.call("Emulation.setTouchEmulationEnabled", json!({ "enabled": phone, "maxTouchPoints": 2 }));
    }

    /// Opens a page, and waits until all of it is there.
    pub(super) fn open(&mut self, page: &str) {
        let file = self.dir.path().join("page.html");
        fs::write(&file, page).unwrap();
        self.events.clear();
        self.call("Page.navigate", json!({ "url": url(&file) }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next();
            self.events.push(event);
        }
    }

    /// Waits for two frames: what reacts to sizes has reacted.
    pub(super) fn settle(&mut self) {
        self.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))");
    }

    /// Waits until the page was scrolled.
    pub(super) fn scrolled(&mut self) {
        self.js(
            "new Promise(done => scrollY > 0 ? done() : addEventListener('scroll', done, { once: true }))",
        );
    }

    /// What an expression of the page comes to.
    pub(super) fn js(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", params);
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression}");
        answer["result"]["value"].take()
    }

    /// Errors, forbidden things and what was written to the console, since the page was opened.
    pub(super) fn complaints(&self) -> Vec<&Value> {
        let is_complaint = |event: &&Value| {
            ["Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"]
                .contains(&event["method"].as_str().unwrap_or_default())
        };
        self.events.iter().filter(is_complaint).collect()
    }

    /// What was asked of a file or a network, since the page was opened, but for the page itself.
    pub(super) fn requests(&self) -> Vec<&str> {
        let sent = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        let urls = sent.map(|event| event["params"]["request"]["url"].as_str().unwrap());
        urls.filter(|url| !url.ends_with("/page.html")).collect()
    }

    /// The mouse: `mouseMoved`, `mousePressed`, `mouseReleased`.
    pub(super) fn mouse(&mut self, what: &str, [x, y]: [f64; 2]) {
        let pressed = u8::from(what != "mouseReleased");
        self.call(
            "Input.dispatchMouseEvent",
            json!({ "type": what, "x": x, "y": y, "button": "left", "buttons": pressed, "clickCount": 1 }),
        );
    }

    /// The mouse without a button.
    pub(super) fn hover(&mut self, [x, y]: [f64; 2]) {
        self.call("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": x, "y": y }));
    }

    /// A click.
    pub(super) fn click(&mut self, at: [f64; 2]) {
        self.mouse("mousePressed", at);
        self.mouse("mouseReleased", at);
    }

    /// The wheel, with Ctrl or without.
    pub(super) fn wheel(&mut self, [x, y]: [f64; 2], down: i32, ctrl: bool) {
        let modifiers = if ctrl { 2 } else { 0 };
        self.call(
            "Input.dispatchMouseEvent",
            json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": down, "modifiers": modifiers }),
        );
    }

    /// Fingers on the glass: `touchStart`, `touchMove`, `touchEnd`.
    pub(super) fn touch(&mut self, what: &str, fingers: &[[f64; 2]]) {
        let points = fingers.iter().enumerate().map(|(id, [x, y])| json!({ "id": id, "x": x, "y": y }));
        let points: Vec<Value> = points.collect();
        self.call("Input.dispatchTouchEvent", json!({ "type": what, "touchPoints": points }));
    }

    /// A key.
    pub(super) fn key(&mut self, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        self.call("Input.dispatchKeyEvent", json!({ "type": "keyDown", "key": key, "text": text }));
        self.call("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": key }));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn url(file: &Path) -> String {
    format!("file://{}", file.display())
}
