//! Enumerations of other rooms on the wire: their words, out of their own lists.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::base::rule::{AuditRule, RuleCode};
use crate::queries::Type;

macro_rules! words {
    ($($of:ty, $name:literal, $about:literal: $all:expr, $word:expr;)*) => {$(
        impl JsonSchema for $of {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words: Vec<&str> = $all.into_iter().map($word).collect();
                json_schema!({ "description": $about, "type": "string", "enum": words })
            }
        }
    )*};
}

words! {
    RuleCode, "RuleName", "A rule, by its name": RuleCode::all(), RuleCode::as_str;
    AuditRule, "AuditRuleName", "A rule of the audit, by its name": AuditRule::all(), AuditRule::as_str;
    Type, "ParameterType", "What a parameter takes": Type::ALL, Type::as_str;
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
