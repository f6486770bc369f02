//! The diagram on the page: the drawing, and a script with which it fits the window, zooms and moves. Without script,
//! and on paper, it is the drawing as it is.

use super::{SchemaPage, words};
use crate::report::diagram::{Diagram, svg};

const SCRIPT: &str = include_str!("diagram.js");

/// What the page's policy allows besides styles: this one script. With a digest nothing else runs, whatever a schema
/// holds. It is the SHA-256 of [`SCRIPT`]; `the_policy_allows_the_one_script_of_the_page` says what it has to be.
pub(super) const POLICY: &str = "; script-src 'sha256-JRIUGsOaxuFZnngtkyDS5aWvH1af6tQjyuuNz5O/gGU='";

const TOOLS: &str = "<p class=\"tools\" hidden>\
<button type=\"button\" value=\"out\" aria-label=\"Zoom out\">−</button>\
<button type=\"button\" value=\"in\" aria-label=\"Zoom in\">+</button>\
<button type=\"button\" value=\"fit\">Fit</button>\
<button type=\"button\" value=\"full\">Full screen</button> \
<span class=\"dim mouse\">Drag to move, Ctrl + wheel to zoom</span>\
<span class=\"dim touch\">Pinch to zoom, then drag to move</span></p>\n";

/// The diagram with its heading; `anchor` gives the address of a table's section.
pub(super) fn figure(page: &SchemaPage, anchor: impl Fn(&str) -> String) -> String {
    let diagram = Diagram::of(page);
    let name = |number: usize| diagram.boxes.get(number).map_or("", |table| table.name);
    let drawing = svg(&diagram, |number| anchor(name(number)));
    let broad = if drawing.broad { " broad" } else { "" };
    format!(
        "<h2 id=\"diagram\">Diagram</h2>\n<p class=\"dim\">{}</p>\n<div class=\"diagram{broad}\">\n{TOOLS}\
         <div class=\"wide\" tabindex=\"0\">\n{}</div>\n</div>\n<script>\n{SCRIPT}</script>\n",
        words::diagram_legend(page),
        drawing.text
    )
}
