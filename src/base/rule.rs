//! The rules by name: what findings carry and settings, ledger and directives name. What a rule is (severity, why it
//! matters, an example) is said by the part that raises it, in one exhaustive match per group.

/// A group of rules with their names, or of such groups.
macro_rules! rules {
    ($(#[$about:meta])* enum $group:ident { $($rule:ident = $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum $group { $(#[doc = concat!("`", $name, "`")] $rule,)* }

        impl $group {
            /// All, in the order of the documentation.
            pub fn all() -> impl Iterator<Item = $group> {
                [$($group::$rule),*].into_iter()
            }

            /// The name in JSON, in settings and on the command line. It never changes once shipped.
            pub const fn as_str(self) -> &'static str {
                match self { $($group::$rule => $name,)* }
            }
        }

        rules!(@text $group);
    };
    ($(#[$about:meta])* enum $group:ident { $($(#[$doc:meta])* $part:ident($of:ident),)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum $group { $($(#[$doc])* $part($of),)* }

        impl $group {
            /// All, in the order of the documentation.
            pub fn all() -> impl Iterator<Item = $group> {
                std::iter::empty()$(.chain($of::all().map($group::$part)))*
            }

            /// The name in JSON, in settings and on the command line. It never changes once shipped.
            pub const fn as_str(self) -> &'static str {
                match self { $($group::$part(rule) => rule.as_str(),)* }
            }
        }

        $(impl From<$of> for $group {
            fn from(rule: $of) -> $group {
                $group::$part(rule)
            }
        })*

        rules!(@text $group);
    };
    (@text $group:ident) => {
        impl std::fmt::Display for $group {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $group {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

rules! {
    /// Any rule.
    enum RuleCode {
        /// Of `migrate lint`.
        Lint(LintRule),
        /// Of `migrate test` and `check`.
        Gate(GateRule),
        /// Of the audit.
        Audit(AuditRule),
    }
}

rules! {
    /// What the audit finds.
    enum AuditRule {
        /// The schemas differ.
        Schema(Difference),
        /// Rows break what the spec says. Only `--data` looks at them.
        Rows(RowRule),
        /// The ledger itself is not up to date.
        Ledger(LedgerRule),
    }
}

rules! {
    /// The kinds of difference between two schemas.
    enum Difference {
        MissingTable = "missing-table",
        ExtraTable = "extra-table",
        TableOption = "table-option",
        MissingColumn = "missing-column",
        ExtraColumn = "extra-column",
        ColumnOrder = "column-order",
        ColumnType = "column-type",
        ColumnNullability = "column-nullability",
        ColumnDefault = "column-default",
        ColumnCollation = "column-collation",
        ColumnGenerated = "column-generated",
        PrimaryKey = "primary-key",
        Autoincrement = "autoincrement",
        MissingUnique = "missing-unique",
        ExtraUnique = "extra-unique",
        MissingForeignKey = "missing-foreign-key",
        ExtraForeignKey = "extra-foreign-key",
        ForeignKeyAction = "foreign-key-action",
        MissingCheck = "missing-check",
        ExtraCheck = "extra-check",
        ConflictClause = "conflict-clause",
        ConstraintName = "constraint-name",
        MissingIndex = "missing-index",
        ExtraIndex = "extra-index",
        IndexDefinition = "index-definition",
        MissingView = "missing-view",
        ExtraView = "extra-view",
        ViewDefinition = "view-definition",
        BrokenView = "broken-view",
        MissingTrigger = "missing-trigger",
        ExtraTrigger = "extra-trigger",
        TriggerDefinition = "trigger-definition",
        BrokenTrigger = "broken-trigger",
        VirtualTable = "virtual-table",
        Pragma = "pragma",
        Unmodelled = "unmodelled-difference",
    }
}

rules! {
    /// What rows can break.
    enum RowRule {
        Null = "value-null",
        Enum = "value-enum",
        Json = "value-json",
        Ulid = "value-ulid",
        Uuid = "value-uuid",
        Timestamp = "value-timestamp",
        Type = "value-type",
        Check = "value-check",
        ForeignKey = "value-foreign-key",
        Unique = "value-unique",
    }
}

rules! {
    /// What can be wrong with an entry of the ledger.
    enum LedgerRule {
        Stale = "stale-deviation",
        Expired = "expired-deviation",
    }
}

rules! {
    /// What `migrate lint` finds, sorted by name.
    enum LintRule {
        AllowWithoutReason = "allow-without-reason",
        AttachDetach = "attach-detach",
        DataStepWithoutTest = "data-step-without-test",
        DeleteWithoutCascade = "delete-without-cascade",
        DestructiveStatement = "destructive-statement",
        DoubleQuotedString = "double-quoted-string",
        EmptyDown = "empty-down",
        EmptyUp = "empty-up",
        ForeignKeyWithoutIndex = "foreign-key-without-index",
        IndexUpdatedForNothing = "index-updated-for-nothing",
        MissingDown = "missing-down",
        NewerSqlite = "newer-sqlite",
        NonConstantDefault = "non-constant-default",
        NonDeterministicStatement = "non-deterministic-statement",
        NotNullWithoutDefault = "not-null-without-default",
        OrphanBecomesRoot = "orphan-becomes-root",
        PragmaInTransaction = "pragma-in-transaction",
        RebuildLoses = "rebuild-loses",
        RebuildRenamesOldAway = "rebuild-renames-old-away",
        RebuildUnderEnforcedKeys = "rebuild-under-enforced-keys",
        RebuiltTwice = "rebuilt-twice",
        RefusedByTarget = "refused-by-target",
        SelfRestrict = "self-restrict",
        SetNullOnNotNull = "set-null-on-not-null",
        TransactionControl = "transaction-control",
        UnknownFunction = "unknown-function",
        UnknownRule = "unknown-rule",
        UnusedAllow = "unused-allow",
        ViewLeftBroken = "view-left-broken",
    }
}

rules! {
    /// What `migrate test` and `check` find.
    enum GateRule {
        MigrationFailed = "migration-failed",
        MigrationTest = "migration-test",
        RoundTrip = "round-trip",
        BrokenReport = "broken-report",
        OutdatedDocs = "outdated-docs",
        OutdatedModels = "outdated-models",
    }
}

impl From<RowRule> for RuleCode {
    fn from(rule: RowRule) -> RuleCode {
        AuditRule::Rows(rule).into()
    }
}

impl RuleCode {
    /// The rule of that name.
    pub fn parse(name: &str) -> Option<RuleCode> {
        RuleCode::all().find(|rule| rule.as_str() == name)
    }

    /// The same, if it is one of the audit.
    pub fn of_audit(self) -> Option<AuditRule> {
        match self {
            RuleCode::Audit(rule) => Some(rule),
            RuleCode::Lint(_) | RuleCode::Gate(_) => None,
        }
    }

    /// Whether it is about rows, whose number is no part of what a finding is known by: it changes from day to day.
    pub fn is_about_rows(self) -> bool {
        self.of_audit().is_some_and(AuditRule::is_about_rows)
    }
}

impl AuditRule {
    /// Whether it is about rows, which only `--data` looks at.
    pub fn is_about_rows(self) -> bool {
        matches!(self, AuditRule::Rows(_))
    }

    /// Whether it is about the ledger itself, which is fixed and not excused.
    pub fn is_about_ledger(self) -> bool {
        matches!(self, AuditRule::Ledger(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_found_by_its_name_and_by_no_other() {
        for rule in RuleCode::all() {
            assert_eq!(RuleCode::parse(rule.as_str()), Some(rule), "{rule} is the name of two rules");
            assert!(rule.as_str().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{rule}");
        }
        assert_eq!(RuleCode::parse("Missing-Table"), None);
    }

    #[test]
    fn lint_rules_are_sorted_by_name() {
        assert!(LintRule::all().is_sorted_by_key(LintRule::as_str));
    }
}
