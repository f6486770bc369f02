use schemars::JsonSchema;
use serde::Serialize;

/// What a run came to; it decides the exit status.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done, nothing found: exit status 0.
    Clean,
    /// Something was found (drift, a failed check, a refused cycle): exit status 1.
    Findings,
    /// Trouble: exit status 2.
    Trouble,
}

impl Outcome {
    /// The word that stands for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Clean => "clean",
            Outcome::Findings => "findings",
            Outcome::Trouble => "trouble",
        }
    }
}
