//! What is compared, and the differences found so far.

use super::equivalence::{Compiled, DefaultOf};
use crate::base::error::Result;
use crate::base::rule::Difference;
use crate::diff::{Change, Equivalence, Note};
use crate::schema::{Ident, Schema, Trigger, View};
use crate::sql::{same_but_for_parentheses, tokens};

/// Both sides and the judge, as each comparison needs them.
pub(super) struct Context<'a> {
    pub(super) expected: &'a Schema,
    pub(super) actual: &'a Schema,
    pub(super) equivalence: &'a mut dyn Equivalence,
    pub(super) changes: Vec<Change>,
}

impl Context<'_> {
    pub(super) fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Tells where the names of a constraint differ.
    pub(super) fn name(&mut self, change: &dyn Fn(Difference) -> Change, sides: [Option<&Ident>; 2]) {
        let [expected, actual] = sides.map(|name| name.map(Ident::to_string));
        if sides[0] != sides[1] {
            self.push(change(Difference::ConstraintName).sides(expected, actual).cosmetic());
        }
    }

    /// What to say of the texts of a finding that hold a name in double quotes which SQLite takes for a string.
    pub(super) fn quoting_note(&mut self, texts: &[Compiled<'_>]) -> Result<Option<Note>> {
        let has_double_quotes = |sql| tokens(sql).any(|token| token.is_double_quoted());
        for text in texts.iter().filter(|text| has_double_quotes(text.sql())) {
            if let Some(name) = self.equivalence.string_in_double_quotes(*text)? {
                return Ok(Some(Note::NameIsString(name)));
            }
        }
        Ok(None)
    }

    /// [`Equivalence::same_expression`], of which the judge is asked what is not the same tokens, parentheses apart; so are
    /// those below.
    pub(super) fn same_expression(&mut self, table: &Ident, expected: &str, actual: &str) -> Result<bool> {
        Ok(same_but_for_parentheses(expected, actual)
            || self.equivalence.same_expression(table, expected, actual)?)
    }

    pub(super) fn same_default(
        &mut self,
        column: DefaultOf<'_>,
        [expected, actual]: [Option<&str>; 2],
    ) -> Result<bool> {
        // Behind DEFAULT a bare word may be a string, whose case counts.
        let behind_default = |text: Option<&str>| format!("DEFAULT {}", text.unwrap_or("NULL"));
        Ok(expected == actual
            || same_but_for_parentheses(&behind_default(expected), &behind_default(actual))
            || self.equivalence.same_default(column, expected, actual)?)
    }

    pub(super) fn same_view(&mut self, expected: &View, actual: &View) -> Result<bool> {
        let is_same = expected.columns == actual.columns
            && same_but_for_parentheses(&expected.select.text, &actual.select.text);
        Ok(is_same || self.equivalence.same_view(expected, actual)?)
    }

    pub(super) fn same_trigger(&mut self, expected: &Trigger, actual: &Trigger) -> Result<bool> {
        let when =
            |trigger: &'_ Trigger| trigger.when.as_ref().map_or(String::new(), |when| when.text.clone());
        let is_same = same_but_for_parentheses(&when(expected), &when(actual))
            && same_but_for_parentheses(&expected.body.text, &actual.body.text);
        Ok(is_same || self.equivalence.same_trigger(expected, actual)?)
    }
}
