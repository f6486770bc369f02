//! What a schema needs of its application.

use super::{Sqlite, errors, missing, registered};
use crate::ddl;
use crate::engine::{Call, OfApplication};
use crate::error::Result;
use crate::job::Job;
use crate::plan;
use crate::schema::Schema;
use crate::sql::statements;

/// Makes the tables and indexes of `schema` one by one, and sees what is not here.
pub(in crate::engine) fn needs(schema: &Schema, job: Job<'_>) -> Result<OfApplication> {
    let scratch = Sqlite::scratch_with_stand_ins(job)?;
    let mut needs = OfApplication::default();
    for statement in statements(&plan::script(schema)) {
        let made = ddl::created(statement.text);
        let Some((ddl::Kind::Table | ddl::Kind::Index, object)) = made else { continue };
        // Whatever else there is to say of a statement is said by the proof.
        while let Err(error) = scratch.conn.execute_batch(statement.text) {
            if errors::is_interrupt(&error) {
                return Err(errors::interrupted());
            }
            let Some(function) = missing::function(&error) else { break };
            if !missing::provide(&scratch.conn, &error) {
                break;
            }
            needs.functions.push(Call { function, object: object.clone() });
        }
    }
    needs.collations = registered::own_collations(&scratch.conn).map_err(|error| scratch.trouble(error))?;
    Ok(needs)
}
