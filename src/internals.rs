//! What planctl's own tests, benches and fuzz targets see of the inside: the one door into rooms that are private. Nothing
//! here is part of the API; it may change with every commit.

#![allow(missing_docs, reason = "a door, and no interface")]

pub mod audit {
    pub use crate::audit::{Audit, Baseline, Finding, Ledger, Names, compare};
    pub mod rules {
        pub use crate::audit::rules::rule;
    }
    pub mod values {
        pub use crate::audit::values::{Spec, plan};
    }
}
pub mod base {
    pub mod job {
        pub use crate::base::job::Job;
    }
    pub mod rule {
        pub use crate::base::rule::{AuditRule, Difference, GateRule, LintRule, RuleCode};
    }
    pub mod source {
        pub use crate::base::source::SourceFile;
    }
}
#[cfg(feature = "cli")]
pub mod cli {
    pub use crate::cli::{Cli, Settings, exit_status};
    pub mod settings {
        pub use crate::cli::settings::GlobalFlags;
        pub mod keys {
            pub use crate::cli::settings::keys::KEYS;
        }
    }
}
#[cfg(feature = "cli")]
pub mod commands {
    pub use crate::commands::{Context, new_run_id};
    pub mod audit {
        pub use crate::commands::audit::{AuditRequest, AuditSubject, FailOn, run, values};
    }
    pub mod backfill {
        pub use crate::commands::backfill::{BackfillRequest, run};
    }
    pub mod check {
        pub use crate::commands::check::{CheckRequest, run};
    }
    pub mod explain {
        pub use crate::commands::explain::{Example, excuse};
    }
    pub mod migrate {
        pub use crate::commands::migrate::Mode;
        pub mod baseline {
            pub use crate::commands::migrate::baseline::{BaselineRequest, run};
        }
        pub mod lint {
            pub use crate::commands::migrate::lint::{LintRequest, run};
        }
        pub mod redo {
            pub use crate::commands::migrate::redo::{RedoRequest, run};
        }
        pub mod status {
            pub use crate::commands::migrate::status::{StatusRequest, run};
        }
        pub mod test {
            pub use crate::commands::migrate::test::{
                TestRequest, Trial, TripOutcome, read_tests, run, try_out,
            };
        }
        pub mod up {
            pub use crate::commands::migrate::up::{UpRequest, run};
        }
    }
    pub mod report {
        pub mod list {
            pub use crate::commands::report::list::{ListRequest, run};
        }
        pub mod run {
            pub use crate::commands::report::run::{RunRequest, run};
        }
        pub mod show {
            pub use crate::commands::report::show::{ShowRequest, run};
        }
    }
    pub mod sample {
        pub use crate::commands::sample::{SampleFrom, SampleRequest, run};
    }
    pub mod schema {
        pub mod docs {
            pub use crate::commands::schema::docs::{DocsRequest, format_of, run};
        }
        pub mod dump {
            pub use crate::commands::schema::dump::{DumpRequest, run};
        }
    }
}
pub mod ddl {
    pub use crate::ddl::{
        Notes, create_index, create_table, create_trigger, create_view, create_virtual_table, created, dump,
        format_create_table, plainly_compiles, plainly_fires,
    };
}
pub mod diff {
    pub use crate::diff::{ObjectKind, diff};
}
pub mod engine {
    pub use crate::engine::{
        Access, ByHand, Clean, DownOptions, DownTarget, Engine, LoadOptions, Loss, LossKind, Lost, OnLoss,
        OpenOptions, Renaming, Run, SampleRows, Scratch, ScriptOptions, SeedOptions, SeededTable, Snapshot,
        SpecDatabase, UpOptions, broken, fast_load, open, renamed_beside, scratch, script_up, spec_database,
        up,
    };
    pub mod backfill {
        pub use crate::engine::backfill::run_alone;
    }
    pub mod file {
        pub use crate::engine::file::lend;
    }
}
#[cfg(feature = "cli")]
pub mod generate {
    pub use crate::generate::{ScriptPair, Terms, down_text, script_pair, up_text};
}
pub mod migrations {
    pub use crate::migrations::{Migration, MigrationSet, VersionWidth, refused_statement};
    pub mod lint {
        pub use crate::migrations::lint::{LintOptions, lint, rule};
    }
    pub mod testing {
        pub use crate::migrations::testing::{Value, load};
    }
}
pub mod plan {
    pub use crate::plan::{Counted, Hints, Loss, RenamedFrom, script};
}
#[cfg(feature = "cli")]
pub mod report {
    pub use crate::report::{Canvas, Envelope, FORMATS, Report, Severity, write_error};
}
pub mod row_checks {
    pub mod text {
        pub use crate::row_checks::text::is_ulid;
    }
}
pub mod sample {
    pub use crate::sample::{Asked, Field, PlanRow, PlanTable, Plans, Roots, Shape};
}
pub mod schema {
    pub use crate::schema::{Ident, KeyColumn, Schema, Table};
}
pub mod sql {
    pub use crate::sql::{
        Kind, SqliteVersion, Target, Token, display_name, identical_tokens, is_keyword, one_line, quote,
        quote_string, same_but_for_parentheses, same_tokens, statements, tokens, tokens_and_comments,
        unquote,
    };
}
#[cfg(feature = "cli")]
pub mod verify {
    pub mod schema_lint {
        pub use crate::verify::schema_lint::{Linted, lint_all};
    }
}
