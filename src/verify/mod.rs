//! What a chain of migrations is held to, on shadow databases: lint rules that need the schema, migration tests, and
//! every migration up, down and up again.

pub mod schema_lint;
pub mod test;
