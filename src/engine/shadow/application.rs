//! What a schema needs of its application.

use crate::base::error::Result;
use crate::base::job::Job;
use crate::ddl;
use crate::engine::connection::Sqlite;
use crate::engine::connection::stubs;
use crate::engine::diagnosis::errors;
use crate::engine::{Call, OfApplication};
use crate::plan;
use crate::schema::Schema;
use crate::sql::statements;

/// Makes the tables and indexes of `schema` one by one, and sees what is not here.
pub(crate) fn needs(schema: &Schema, job: Job<'_>) -> Result<OfApplication> {
    let scratch = Sqlite::scratch_with_stand_ins(job)?;
    let mut needs = OfApplication::default();
    for statement in statements(&plan::script(schema)) {
        let made = ddl::created(statement.text);
        let Some((ddl::Kind::Table | ddl::Kind::Index, object)) = made else { continue };
        let run = |conn: &rusqlite::Connection| conn.execute_batch(statement.text);
        let made = stubs::providing_what(&scratch.conn, run, |error| {
            let function = stubs::function(error);
            let is_function = function.is_some();
            needs.functions.extend(function.map(|function| Call { function, object: object.clone() }));
            is_function
        });
        // Whatever else there is to say of a statement is said by the proof.
        if made.is_err_and(|error| errors::is_interrupt(&error)) {
            return Err(errors::interrupted());
        }
    }
    needs.collations = scratch.own_collations()?;
    Ok(needs)
}
