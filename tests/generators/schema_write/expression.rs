//! Expressions.

use super::super::schema_model::Expr;
use super::Writer;

impl Writer {
    /// An expression where any may stand.
    pub(super) fn expr(&mut self, expr: &Expr) {
        if self.chance(4) {
            self.punct("(");
            self.expr(expr);
            self.punct(")");
            return;
        }
        match expr {
            Expr::Col(row, name) => {
                if let Some(row) = row {
                    self.words(row);
                    self.punct(".");
                }
                self.name(name);
            }
            Expr::Lit(literal) => self.literal(literal),
            Expr::Collate(operand, collation) => {
                self.operand(operand);
                self.words("COLLATE");
                self.name(collation);
            }
            Expr::Call(function, arguments) => {
                self.words(function);
                self.punct("(");
                for (i, argument) in arguments.iter().enumerate() {
                    if i > 0 {
                        self.punct(",");
                    }
                    self.expr(argument);
                }
                self.punct(")");
            }
            Expr::Binary(operator, a, b) => {
                self.operand(a);
                match *operator {
                    "=" => {
                        let operator = self.pick(&["=", "=="]);
                        self.operator(operator);
                    }
                    "<>" => {
                        let operator = self.pick(&["<>", "!="]);
                        self.operator(operator);
                    }
                    word if word.starts_with(|c: char| c.is_ascii_alphabetic()) => self.words(word),
                    other => self.operator(other),
                }
                self.operand(b);
            }
            Expr::Unary(operator, operand) => {
                if *operator == "NOT" {
                    self.words("NOT");
                } else {
                    self.operator(operator);
                }
                self.operand(operand);
            }
            Expr::IsNull(operand, yes) => {
                self.operand(operand);
                let words = if *yes { ["IS NULL", "ISNULL"] } else { ["IS NOT NULL", "NOTNULL"] };
                let words = self.pick(&words);
                self.words(words);
            }
            Expr::Between(operand, low, high, not) => {
                self.operand(operand);
                self.words(if *not { "NOT BETWEEN" } else { "BETWEEN" });
                self.literal(low);
                self.words("AND");
                self.literal(high);
            }
            Expr::Cast(operand, to) => {
                self.words("CAST");
                self.punct("(");
                self.expr(operand);
                self.words("AS");
                self.words(to);
                self.punct(")");
            }
            Expr::Row(operator, left, right) => {
                self.row(left);
                self.operator(operator);
                self.row(right);
            }
            Expr::In(operand, values, not) => {
                self.operand(operand);
                self.words(if *not { "NOT IN" } else { "IN" });
                self.punct("(");
                for (i, value) in values.iter().enumerate() {
                    if i > 0 {
                        self.punct(",");
                    }
                    self.literal(value);
                }
                self.punct(")");
            }
            Expr::Case(when, then, other) => {
                self.words("CASE WHEN");
                self.expr(when);
                self.words("THEN");
                self.expr(then);
                self.words("ELSE");
                self.expr(other);
                self.words("END");
            }
        }
    }

    pub(super) fn row(&mut self, values: &[Expr]) {
        self.punct("(");
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            self.expr(value);
        }
        self.punct(")");
    }

    /// An expression as part of a larger one: in parentheses unless it needs none.
    pub(super) fn operand(&mut self, expr: &Expr) {
        let bare = matches!(expr, Expr::Col(..) | Expr::Lit(_) | Expr::Call(..) | Expr::Cast(..));
        if bare {
            self.expr(expr);
        } else {
            self.group(expr);
        }
    }

    pub(super) fn group(&mut self, expr: &Expr) {
        self.punct("(");
        self.expr(expr);
        self.punct(")");
    }
}
