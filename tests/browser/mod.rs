//! A browser driven through its WebDriver interface: plain JSON over HTTP to a `chromedriver` of our own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A running browser with one page; ends with this value.
pub struct Browser {
    driver: Child,
    session: String,
    _profile: tempfile::TempDir,
}

/// Key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The answer's `value`; a complaint of the driver fails the test.
fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
    let mut response = response.unwrap();
    let mut answer: Value = response.body_mut().read_json().unwrap();
    assert!(response.status().is_success(), "{answer}");
    answer["value"].take()
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

fn post(url: &str, body: Value) -> Value {
    answer(agent().post(url).send_json(body))
}

impl Browser {
    /// Starts a browser whose page is so large [px]; none where it is not installed.
    pub fn start(width: u32, height: u32) -> Option<Browser> {
        let mut driver =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut lines = BufReader::new(driver.stdout.take()?).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned()))?;
        // What it says later must go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &format!("--user-data-dir={}", profile.path().display()),
            &format!("--window-size={width},{height}"),
        ];
        let mut options = json!({ "args": arguments });
        if width < 500 {
            // No window is that narrow; a phone is.
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1.0 } });
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let base = format!("http://127.0.0.1:{port}/session");
        let session = post(&base, wanted);
        let session = format!("{base}/{}", session["sessionId"].as_str()?);
        Some(Browser { driver, session, _profile: profile })
    }

    fn ask(&self, what: &str, body: Value) -> Value {
        post(&format!("{}/{what}", self.session), body)
    }

    /// Opens a file.
    pub fn open(&self, file: &Path) {
        self.ask("url", json!({ "url": format!("file://{}", file.display()) }));
    }

    /// The value of a script.
    pub fn js(&self, script: &str) -> Value {
        self.js_with(script, json!([]))
    }

    /// The value of a script with arguments.
    pub fn js_with(&self, script: &str, arguments: Value) -> Value {
        self.ask("execute/sync", json!({ "script": script, "args": arguments }))
    }

    /// The first element that a CSS selector finds.
    pub fn find(&self, selector: &str) -> String {
        let found = self.ask("element", json!({ "using": "css selector", "value": selector }));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// Clicks an element, as a mouse does.
    pub fn click(&self, element: &str) {
        self.ask(&format!("element/{element}/click"), json!({}));
    }

    /// Types into an element; keys without a letter are those of WebDriver's private area.
    pub fn type_into(&self, element: &str, text: &str) {
        self.ask(&format!("element/{element}/value"), json!({ "text": text }));
    }

    /// Empties a field, as somebody would with the keyboard.
    pub fn clear(&self, element: &str) {
        // Control and A, then the key that deletes.
        self.type_into(element, "\u{e009}a\u{e000}\u{e003}");
    }

    /// Moves the mouse over an element.
    pub fn hover(&self, element: &str) {
        self.js_with("arguments[0].scrollIntoView({ block: 'center' })", json!([{ ELEMENT: element }]));
        let origin = json!({ ELEMENT: element });
        let moved = json!({ "type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": origin });
        self.ask("actions", json!({ "actions": [{ "type": "pointer", "id": "mouse", "actions": [moved] }] }));
    }

    /// The page as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        decoded(answer(agent().get(format!("{}/screenshot", self.session)).call()))
    }

    /// The page as a print, in PDF.
    pub fn print(&self) -> Vec<u8> {
        decoded(self.ask("print", json!({})))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = agent().delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Base64, in which WebDriver sends files.
fn decoded(value: Value) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = value.as_str().unwrap().bytes().filter_map(|byte| LETTERS.iter().position(|letter| *letter == byte));
    let digits: Vec<u32> = digits.map(|digit| digit as u32).collect();
    let bytes = digits.chunks(4).flat_map(|four| {
        let bits = four.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - four.len()));
        bits.to_be_bytes()[1..four.len()].to_vec()
    });
    bytes.collect()
}
