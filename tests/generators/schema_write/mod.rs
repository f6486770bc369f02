//! The models of [`super::schema_gen`] as SQL: plainly, or in any spelling. Here is what all of it is made of.

mod expression;
mod index;
mod key;
mod table;
mod trigger;
mod view;

use super::dice::Dice;
use super::schema_model::{Lit, Schema, Table, Trigger, View};

impl Schema {
    /// The schema as a script: the plain one, or with dice one that is spelled by chance.
    pub fn write(&self, dice: Option<Dice>) -> String {
        self.written(Writer { out: String::new(), dice, last: Last::Punct, keeps_order: false })
    }

    /// As [`Schema::write`], with indexes, keys and triggers in the order of the model: which of several triggers fires
    /// first, which of several foreign keys acts first, or which of several violated constraints is told, SQLite leaves
    /// open and decides by it.
    pub fn write_in_order(&self, dice: Dice) -> String {
        self.written(Writer { out: String::new(), dice: Some(dice), last: Last::Punct, keeps_order: true })
    }

    fn written(&self, mut writer: Writer) -> String {
        let mut tables: Vec<&Table> = self.tables.iter().collect();
        let mut views: Vec<&View> = self.views.iter().collect();
        let mut triggers: Vec<&Trigger> = self.triggers.iter().collect();
        if !writer.keeps_order {
            writer.shuffle(&mut tables);
            writer.shuffle(&mut triggers);
        }
        writer.shuffle(&mut views);
        for table in tables {
            writer.table(table);
        }
        for table in &self.virtuals {
            writer.virtual_table(table);
        }
        for view in views {
            writer.view(view);
        }
        for trigger in triggers {
            writer.trigger(trigger);
        }
        writer.out
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Last {
    Word,
    Punct,
    Operator,
}

struct Writer {
    out: String,
    dice: Option<Dice>,
    last: Last,
    keeps_order: bool,
}

/// A part of a table's definition that may stand behind the column or at the end.
type Constraint<'a> = Box<dyn Fn(&mut Writer, bool) + 'a>;
impl Writer {
    fn chance(&mut self, n: usize) -> bool {
        self.dice.as_mut().is_some_and(|dice| dice.chance(n))
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        if let Some(dice) = &mut self.dice {
            dice.shuffle(items);
        }
    }

    fn pick(&mut self, spellings: &[&'static str]) -> &'static str {
        match &mut self.dice {
            Some(dice) => dice.pick(spellings),
            None => spellings[0],
        }
    }

    fn token(&mut self, text: &str, kind: Last) {
        let needed = match (self.last, kind) {
            (Last::Word, Last::Word) | (Last::Operator, _) | (_, Last::Operator) => true,
            (Last::Word, Last::Punct) | (Last::Punct, _) => false,
        };
        let space = if self.dice.is_some() {
            let loose = self.pick(&["", " ", "\n", "\t ", " /* it's; */ ", " -- \"so\n"]);
            if loose.is_empty() && needed { " " } else { loose }
        } else if text == "," || text == ";" || text == ")" || self.out.ends_with('(') {
            ""
        } else {
            " "
        };
        self.out.push_str(space);
        self.out.push_str(text);
        self.last = kind;
    }

    /// Keywords, as one string.
    fn words(&mut self, words: &str) {
        for word in words.split_whitespace() {
            let word = self.any_case(word);
            self.token(&word, Last::Word);
        }
    }

    fn any_case(&mut self, word: &str) -> String {
        let dice = &mut self.dice;
        let other =
            |c: char, upper: bool| if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        word.chars()
            .map(|c| {
                dice.as_mut().map_or(c, |dice| if dice.chance(2) { c } else { other(c, dice.chance(2)) })
            })
            .collect()
    }

    fn punct(&mut self, punct: &str) {
        self.token(punct, Last::Punct);
    }

    fn operator(&mut self, operator: &str) {
        self.token(operator, Last::Operator);
    }

    fn name(&mut self, name: &str) {
        let simple = name.chars().all(|c| c.is_ascii_alphanumeric())
            && planctl::internals::sql::display_name(name) == name;
        let quote = self.pick(&["\"", "[", "`", ""]);
        let name = self.any_case(name);
        let text = match quote {
            "" if simple => name,
            "[" if !name.contains(']') => format!("[{name}]"),
            "`" => format!("`{}`", name.replace('`', "``")),
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        };
        self.token(&text, Last::Word);
    }

    fn names<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) {
        self.punct("(");
        for (i, name) in names.into_iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            self.name(name);
        }
        self.punct(")");
    }

    fn literal(&mut self, literal: &Lit) {
        let text = match literal {
            Lit::Text(text) => format!("'{text}'"),
            Lit::Int(n) if *n >= 0 && self.chance(3) => format!("0x{n:X}"),
            Lit::Int(n) => n.to_string(),
            Lit::Float(n) if self.chance(3) => n.replace('e', "E"),
            Lit::Float(n) => (*n).to_owned(),
            Lit::Blob(hex) => self.any_case(&format!("x'{hex}'")),
            Lit::Word(word) => self.any_case(word),
        };
        self.token(&text, Last::Word);
    }

    fn end(&mut self) {
        self.punct(";");
        self.out.push('\n');
    }
}
