//! The diagram of thirty and of a hundred tables, as people use it: with mouse, wheel, fingers and keys, on paper, and
//! without script.

use serde_json::{Value, json};

use super::devtools::Browser;
use crate::harness::Project;
use crate::schema_docs::many_tables;

fn page(tables: usize) -> String {
    let project = Project::empty();
    project.write("s.sql", many_tables(tables));
    project.ok(&["schema", "docs", "s.sql", "--format", "html"]).stdout
}

/// The middle of a table, in the window.
fn table(browser: &mut Browser, name: &str) -> [f64; 2] {
    let found = browser.js(&format!(
        "(() => {{
            const is = table => table.querySelector('.name').textContent === '{name}';
            const box = [...document.querySelectorAll('.table')].find(is).getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2].map(Math.round);
        }})()"
    ));
    point(&found)
}

fn point(value: &Value) -> [f64; 2] {
    [0, 1].map(|at| value[at].as_f64().unwrap())
}

/// The names of the tables that stand out, and the number of lines.
fn lit(browser: &mut Browser) -> (Vec<String>, u64) {
    let names =
        browser.js("[...document.querySelectorAll('.table.lit .name')].map(name => name.textContent)");
    let lines = browser.js("document.querySelectorAll('.line.lit').length").as_u64().unwrap();
    (serde_json::from_value(names).unwrap(), lines)
}

/// What of the drawing is shown: left, top, width, height.
fn shown(browser: &mut Browser) -> [f64; 4] {
    let text = browser.js("document.querySelector('.er').getAttribute('viewBox')");
    let numbers: Vec<f64> = text.as_str().unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

fn sheet(browser: &mut Browser) -> [f64; 2] {
    point(&browser.js("['width', 'height'].map(name => +document.querySelector('.er').getAttribute(name))"))
}

/// Which point of the drawing is at a point of the window.
fn under(browser: &mut Browser, [x, y]: [f64; 2]) -> [f64; 2] {
    let found = browser.js(&format!(
        "(() => {{
            const matrix = document.querySelector('.er').getScreenCTM().inverse();
            const point = new DOMPoint({x}, {y}).matrixTransform(matrix);
            return [point.x, point.y];
        }})()"
    ));
    point(&found)
}

fn near([x, y]: [f64; 2], [other_x, other_y]: [f64; 2]) -> bool {
    (x - other_x).abs() < 1.0 && (y - other_y).abs() < 1.0
}

fn whole_is_shown(browser: &mut Browser) -> bool {
    let ([x, y, width, height], [sheet_width, sheet_height]) = (shown(browser), sheet(browser));
    x <= 0.0 && y <= 0.0 && x + width >= sheet_width - 0.5 && y + height >= sheet_height - 0.5
}

#[test]
fn the_whole_fits_the_window_at_first_at_every_width() {
    let Some(mut browser) = Browser::start() else { return };
    for tables in [5, 30, 100] {
        let page = page(tables);
        for (width, height) in [(390, 844), (1024, 768), (1920, 1080)] {
            browser.size(width, height);
            browser.open(&page);
            assert!(whole_is_shown(&mut browser), "{tables} tables at {width}: {:?}", shown(&mut browser));
            let high = browser.js("document.querySelector('.diagram').getBoundingClientRect().height");
            assert!(high.as_f64() < Some(height.into()), "{tables} tables at {width}: {high} high");
            assert_eq!(browser.complaints(), Vec::<&Value>::new());
        }
        // A window that is made larger shows it larger.
        browser.size(1024, 768);
        browser.settle();
        assert!(whole_is_shown(&mut browser), "{tables} tables after the window was made smaller");
    }
}

#[test]
fn a_table_under_the_mouse_or_with_the_focus_shows_what_it_is_linked_to() {
    let Some(mut browser) = Browser::start() else { return };
    browser.size(1920, 1080);
    browser.open(&page(30));
    let of_12 = vec!["t11", "t12", "t13", "t20", "t21", "t22", "t23", "t24"];
    let at = table(&mut browser, "t12");
    browser.hover(at);
    let (names, lines) = lit(&mut browser);
    assert_eq!((names, lines), (of_12.iter().map(|&name| name.to_owned()).collect(), 7));
    // One that is linked to nothing stands alone.
    let at = table(&mut browser, "t27");
    browser.hover(at);
    assert_eq!(lit(&mut browser), (vec!["t27".to_owned()], 0));
    browser.hover([5.0, 5.0]);
    assert_eq!(lit(&mut browser), (vec![], 0));
    // A click keeps it, Escape lets it go.
    let at = table(&mut browser, "t12");
    browser.click(at);
    browser.hover([5.0, 5.0]);
    assert_eq!(lit(&mut browser).0, of_12);
    browser.key("Escape");
    assert_eq!(lit(&mut browser), (vec![], 0));
    browser.js("document.querySelector('.er a[href=\"#t-t12\"]').focus()");
    assert_eq!(lit(&mut browser).0, of_12);
    browser.js("document.activeElement.blur()");
    assert_eq!(lit(&mut browser), (vec![], 0));
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
}

#[test]
fn the_wheel_zooms_about_the_mouse_and_a_drag_moves() {
    let Some(mut browser) = Browser::start() else { return };
    browser.size(1280, 900);
    browser.open(&page(100));
    let at = table(&mut browser, "t61");
    let before = (shown(&mut browser), under(&mut browser, at));
    for _ in 0..6 {
        browser.wheel(at, -120, true);
        let now = under(&mut browser, at);
        assert!(near(now, before.1), "{now:?} was {:?}", before.1);
    }
    assert!(shown(&mut browser)[2] < before.0[2] / 3.0, "it was zoomed");
    let is_distant = "document.querySelector('.er').classList.contains('distant')";
    assert_eq!(browser.js(is_distant), false, "columns can be read");
    // What was under the mouse goes where the mouse goes; and a drag is no click.
    let away = [at[0] + 150.0, at[1] - 60.0];
    browser.mouse("mousePressed", at);
    browser.mouse("mouseMoved", [at[0] + 40.0, at[1] - 10.0]);
    browser.mouse("mouseMoved", away);
    browser.mouse("mouseReleased", away);
    let now = under(&mut browser, away);
    assert!(near(now, before.1), "{now:?} was {:?}", before.1);
    assert_eq!(browser.js("location.hash"), "", "no link was followed");
    // Out again, it is whole again.
    for _ in 0..9 {
        browser.wheel(at, 120, true);
    }
    assert!(whole_is_shown(&mut browser));
    assert_eq!(browser.js(is_distant), true);
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
}

#[test]
fn the_page_scrolls_past_a_diagram_that_nobody_has_clicked() {
    let Some(mut browser) = Browser::start() else { return };
    browser.size(1280, 900);
    browser.open(&page(100));
    let at = table(&mut browser, "t61");
    let before = shown(&mut browser);
    browser.wheel(at, 120, false);
    browser.scrolled();
    assert_eq!(shown(&mut browser), before);
    browser.js("scrollTo(0, 0)");
    // Where there is no table, and so no link.
    let corner =
        browser.js("[document.querySelector('.er').getBoundingClientRect()].map(box => [box.x, box.y])[0]");
    let [x, y] = point(&corner);
    browser.click([x + 3.0, y + 3.0]);
    browser.wheel(at, -120, false);
    assert!(shown(&mut browser)[2] < before[2], "after a click the wheel alone zooms");
}

#[test]
fn keys_and_buttons_do_what_the_mouse_does() {
    let Some(mut browser) = Browser::start() else { return };
    browser.size(1280, 900);
    browser.open(&page(30));
    let whole = shown(&mut browser);
    browser.js("document.querySelector('.diagram > .wide').focus()");
    browser.key("+");
    browser.key("+");
    let zoomed = shown(&mut browser);
    assert!(zoomed[2] < whole[2]);
    browser.key("ArrowRight");
    browser.key("ArrowDown");
    let moved = shown(&mut browser);
    assert!(
        moved[0] > zoomed[0] && moved[1] > zoomed[1] && moved[2] == zoomed[2],
        "{moved:?} was {zoomed:?}"
    );
    browser.key("0");
    assert_eq!(shown(&mut browser), whole);
    let mut press = |value: &str| {
        let found = browser.js(&format!(
            "(() => {{
                const box = document.querySelector('.tools [value={value}]').getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }})()"
        ));
        browser.click(point(&found));
        shown(&mut browser)
    };
    assert!(press("in")[2] < whole[2]);
    assert!(press("in")[2] < whole[2]);
    assert!(press("out")[2] < whole[2]);
    assert_eq!(press("fit"), whole);
    // A table that the focus goes to comes into the window.
    for _ in 0..3 {
        press("in");
    }
    browser.js("document.querySelector('.er a[href=\"#t-t19\"]').focus()");
    let ([x, y, width, height], at) = (shown(&mut browser), table(&mut browser, "t19"));
    let [left, top] = under(&mut browser, at);
    assert!((x..x + width).contains(&left) && (y..y + height).contains(&top));
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
}

#[test]
fn two_fingers_zoom_then_one_moves_and_before_that_one_scrolls() {
    let Some(mut browser) = Browser::start() else { return };
    browser.size(390, 844);
    browser.open(&page(30));
    let whole = shown(&mut browser);
    browser.touch("touchStart", &[[150.0, 500.0]]);
    (1..16).for_each(|step| browser.touch("touchMove", &[[150.0, 500.0 - 10.0 * f64::from(step)]]));
    browser.touch("touchEnd", &[]);
    browser.scrolled();
    assert_eq!(shown(&mut browser), whole, "one finger scrolled the page");

    browser.open(&page(30));
    browser.touch("touchStart", &[[150.0, 450.0]]);
    browser.touch("touchStart", &[[150.0, 450.0], [250.0, 450.0]]);
    for step in (0..=50).step_by(10).map(f64::from) {
        browser.touch("touchMove", &[[150.0 - step, 450.0], [250.0 + step, 450.0]]);
    }
    browser.touch("touchEnd", &[]);
    let zoomed = shown(&mut browser);
    assert!(zoomed[2] < whole[2] * 0.6, "{zoomed:?} was {whole:?}");
    assert_eq!(browser.js("visualViewport.scale"), 1, "the diagram was zoomed, not the page");
    browser.touch("touchStart", &[[150.0, 450.0]]);
    (1..6).for_each(|step| browser.touch("touchMove", &[[150.0 + 10.0 * f64::from(step), 450.0]]));
    browser.touch("touchEnd", &[]);
    assert!(shown(&mut browser)[0] < zoomed[0], "one finger moved the diagram");
    assert_eq!(browser.js("scrollY"), 0);
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
}

/// Without script, and on paper whatever was zoomed before, all of the drawing is there.
#[test]
fn without_script_and_on_paper_the_drawing_is_whole() {
    let Some(mut browser) = Browser::start() else { return };
    let page = page(30);
    browser.size(1280, 900);
    browser.open(&page);
    browser.js("document.querySelector('[value=in]').click()");
    assert!(!whole_is_shown(&mut browser));
    browser.js("addEventListener('beforeprint', () => printed = document.querySelector('.er').outerHTML)");
    browser.call("Page.printToPDF", json!({}));
    let printed = browser.js("printed");
    let whole = page.split("viewBox=").nth(1).unwrap().split('"').nth(1).unwrap();
    assert!(printed.as_str().unwrap().contains(&format!("viewBox=\"{whole}\"")), "paper has the whole");
    assert!(!whole_is_shown(&mut browser), "and the window is as it was");

    browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    browser.open(&page);
    assert!(whole_is_shown(&mut browser));
    let drawn = browser.js("document.querySelector('.er').getBoundingClientRect().toJSON()");
    let [width, height] = sheet(&mut browser);
    assert_eq!((drawn["width"].as_f64(), drawn["height"].as_f64()), (Some(width), Some(height)));
    let seen = "getComputedStyle(document.querySelector('.tools')).display";
    assert_eq!(browser.js(seen), "none", "no button that does nothing");
    assert_eq!(browser.complaints(), Vec::<&Value>::new());
}

#[test]
fn the_list_of_tables_has_a_line_for_each_on_a_phone() {
    let Some(mut browser) = Browser::start() else { return };
    let project = Project::shipped();
    browser.size(390, 844);
    browser.open(&project.ok(&["schema", "docs", "migrations", "--format", "html"]).stdout);
    let rows = browser.js("[...document.querySelectorAll('.list tbody tr')].map(row => {
            const cells = [...row.cells].filter(cell => cell.offsetParent);
            return [row.offsetHeight, row.cells[0].innerText, cells.length];
        })");
    let rows = rows.as_array().unwrap();
    assert!(rows.len() > 10);
    for row in rows {
        assert!(
            row[0].as_f64() < Some(45.0) && row[1].as_str().is_some_and(|name| !name.is_empty()),
            "{row}"
        );
    }
    assert!(rows.iter().any(|row| row[2] == 2), "what it is, where that is known");
}
