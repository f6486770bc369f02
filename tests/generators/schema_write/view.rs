//! Views.

use super::super::schema_model::{Expr, Lit, Shape, View};
use super::Writer;

impl Writer {
    pub(super) fn view(&mut self, view: &View) {
        self.words("CREATE VIEW");
        self.name(&view.name);
        if view.list {
            self.names(view.columns.iter().map(|(_, name)| name));
        }
        self.words("AS");
        match &view.shape {
            Shape::Cte => {
                self.words("WITH w_cte AS");
                self.punct("(");
                self.words("SELECT");
                self.operator("*");
                self.words("FROM");
                self.name(&view.table);
                self.words("WHERE");
                self.expr(&view.filter);
                self.punct(")");
            }
            Shape::Recursive(times) => {
                self.words("WITH RECURSIVE n_cte");
                self.punct("(");
                self.words("n");
                self.punct(")");
                self.words("AS");
                self.punct("(");
                self.words("SELECT 1 UNION ALL SELECT n");
                self.operator("+");
                self.words("1 FROM n_cte WHERE n");
                self.operator("<");
                self.literal(&Lit::Int(*times));
                self.punct(")");
            }
            _ => {}
        }
        self.select(view);
        if let Shape::Compound(operator) = view.shape {
            self.words(operator);
            self.words("SELECT");
            for (i, (expr, _)) in view.columns.iter().enumerate() {
                if i > 0 {
                    self.punct(",");
                }
                self.expr(expr);
            }
            self.words("FROM");
            self.name(&view.table);
        }
        if let (Some(descending), Some((expr, _))) = (view.order, view.columns.first()) {
            self.words("ORDER BY");
            match view.shape {
                Shape::Compound(_) => self.words("1"),
                _ => self.operand(expr),
            }
            self.words(if descending { "DESC" } else { "ASC" });
        }
        if let Some(limit) = view.limit {
            self.words("LIMIT");
            self.literal(&Lit::Int(limit));
        }
        self.end();
    }

    fn select(&mut self, view: &View) {
        self.words("SELECT");
        if view.distinct {
            self.words("DISTINCT");
        }
        for (i, (expr, name)) in view.columns.iter().enumerate() {
            if i > 0 {
                self.punct(",");
            }
            match &view.shape {
                Shape::Group(_) if i > 0 => {
                    self.words("max");
                    self.group(expr);
                }
                Shape::Window if i > 0 => {
                    self.words("count");
                    self.group(expr);
                    self.words("OVER");
                    self.punct("(");
                    self.words("PARTITION BY");
                    self.expr(&view.columns[0].0);
                    self.punct(")");
                }
                _ => self.expr(expr),
            }
            if !view.list {
                self.words("AS");
                self.name(name);
            }
        }
        self.words("FROM");
        match &view.shape {
            Shape::Cte => self.words("w_cte"),
            Shape::Recursive(_) => {
                self.name(&view.table);
                self.punct(",");
                self.words("n_cte");
            }
            Shape::Join(how, other, own, theirs) => {
                self.name(&view.table);
                self.words("AS a");
                self.words(how);
                self.name(other);
                self.words("AS b ON");
                self.pair("a", own, "b", theirs);
            }
            Shape::Exists(..) => {
                self.name(&view.table);
                self.words("AS a");
            }
            _ => self.name(&view.table),
        }
        if view.shape != Shape::Cte {
            self.words("WHERE");
            self.operand(&view.filter);
        }
        match &view.shape {
            Shape::Exists(other, own, theirs) => {
                self.words("AND EXISTS");
                self.punct("(");
                self.words("SELECT 1 FROM");
                self.name(other);
                self.words("AS b WHERE");
                self.pair("a", own, "b", theirs);
                self.punct(")");
            }
            Shape::Group(least) => {
                self.words("GROUP BY");
                self.operand(&view.columns[0].0);
                self.words("HAVING count");
                self.punct("(");
                self.operator("*");
                self.punct(")");
                self.operator(">=");
                self.literal(&Lit::Int(*least));
            }
            _ => {}
        }
    }

    /// `a.x = b.y`
    fn pair(&mut self, a: &'static str, x: &str, b: &'static str, y: &str) {
        self.expr(&Expr::Col(Some(a), x.to_owned()));
        self.operator("=");
        self.expr(&Expr::Col(Some(b), y.to_owned()));
    }
}
