use anstyle::AnsiColor;

use crate::report::Canvas;
use crate::report::document::Style;

/// `text`, which is escaped already, in a style; as it is where colours are not wanted.
pub(crate) fn styled(text: &str, style: Style, canvas: Canvas) -> String {
    let ansi = ansi(style);
    if canvas.color && !ansi.is_plain() && !text.is_empty() {
        format!("{ansi}{text}{ansi:#}")
    } else {
        text.to_owned()
    }
}

fn ansi(style: Style) -> anstyle::Style {
    match style {
        Style::Plain => anstyle::Style::new(),
        Style::Strong => anstyle::Style::new().bold(),
        Style::Dim => anstyle::Style::new().dimmed(),
        Style::Good => AnsiColor::Green.on_default(),
        Style::Warning => AnsiColor::Yellow.on_default().bold(),
        Style::Bad => AnsiColor::Red.on_default().bold(),
        Style::Code => AnsiColor::Cyan.on_default(),
    }
}
