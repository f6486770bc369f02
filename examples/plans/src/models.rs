//! Rows of the tables of ddl.sql, in the names of the database, for rusqlite.
//!
//! Do not edit. Made by, and made again with:
//!
//! ```text
//! planctl schema models --lang rust --names live
//! ```

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Params, Result, Row};

/// A JSON text.
#[derive(Clone, PartialEq, Debug)]
pub struct Json(pub serde_json::Value);

impl ToSql for Json {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for Json {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let read = match value {
            ValueRef::Integer(number) => Ok(number.into()),
            ValueRef::Real(number) => Ok(number.into()),
            other => serde_json::from_slice(other.as_bytes()?),
        };
        match read {
            Ok(json) => Ok(Self(json)),
            Err(error) => Err(FromSqlError::Other(error.into())),
        }
    }
}

/// A ULID, as its text of 26 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UlidText(pub ulid::Ulid);

impl ToSql for UlidText {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for UlidText {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        match ulid::Ulid::from_string(text) {
            // Another spelling would be another key.
            Ok(id) if *id.array_to_str(&mut [0; 26]) == *text => Ok(Self(id)),
            _ => {
                let message = format!("{text:?} is not a ULID");
                Err(FromSqlError::Other(message.into()))
            }
        }
    }
}

fn not_listed(table: &str, column: &str, value: ValueRef<'_>) -> FromSqlError {
    let value = match value {
        ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        other => format!("{other:?}"),
    };
    let message = format!("{table}.{column} holds {value}, which is none of its values");
    FromSqlError::Other(message.into())
}

/// The values of `action_arguments.arg_type`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ActionArgumentsArgType {
    String,
    Integer,
    Float,
    Boolean,
    List,
}

impl ActionArgumentsArgType {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::List => "list",
        }
    }
}

impl ToSql for ActionArgumentsArgType {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for ActionArgumentsArgType {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"string") => Ok(Self::String),
            ValueRef::Text(b"integer") => Ok(Self::Integer),
            ValueRef::Text(b"float") => Ok(Self::Float),
            ValueRef::Text(b"boolean") => Ok(Self::Boolean),
            ValueRef::Text(b"list") => Ok(Self::List),
            other => Err(not_listed("action_arguments", "arg_type", other)),
        }
    }
}

/// The values of `actions.state`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ActionsState {
    Available,
    Archived,
}

impl ActionsState {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Archived => "archived",
        }
    }
}

impl ToSql for ActionsState {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for ActionsState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"available") => Ok(Self::Available),
            ValueRef::Text(b"archived") => Ok(Self::Archived),
            other => Err(not_listed("actions", "state", other)),
        }
    }
}

/// The values of `correction_attempts.mode`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CorrectionAttemptsMode {
    Revert,
    Append,
}

impl CorrectionAttemptsMode {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revert => "revert",
            Self::Append => "append",
        }
    }
}

impl ToSql for CorrectionAttemptsMode {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for CorrectionAttemptsMode {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"revert") => Ok(Self::Revert),
            ValueRef::Text(b"append") => Ok(Self::Append),
            other => Err(not_listed("correction_attempts", "mode", other)),
        }
    }
}

/// The values of `correction_attempts.state`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CorrectionAttemptsState {
    Pending,
    Executing,
    Complete,
    Failed,
}

impl CorrectionAttemptsState {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Executing => "executing",
            Self::Complete => "complete",
            Self::Failed => "failed",
        }
    }
}

impl ToSql for CorrectionAttemptsState {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for CorrectionAttemptsState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"pending") => Ok(Self::Pending),
            ValueRef::Text(b"executing") => Ok(Self::Executing),
            ValueRef::Text(b"complete") => Ok(Self::Complete),
            ValueRef::Text(b"failed") => Ok(Self::Failed),
            other => Err(not_listed("correction_attempts", "state", other)),
        }
    }
}

/// The values of `execution_logs.agent_type`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExecutionLogsAgentType {
    Orchestrator,
    Infra,
    Desktop,
    Code,
    Research,
}

impl ExecutionLogsAgentType {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Orchestrator => "orchestrator",
            Self::Infra => "infra",
            Self::Desktop => "desktop",
            Self::Code => "code",
            Self::Research => "research",
        }
    }
}

impl ToSql for ExecutionLogsAgentType {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for ExecutionLogsAgentType {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"orchestrator") => Ok(Self::Orchestrator),
            ValueRef::Text(b"infra") => Ok(Self::Infra),
            ValueRef::Text(b"desktop") => Ok(Self::Desktop),
            ValueRef::Text(b"code") => Ok(Self::Code),
            ValueRef::Text(b"research") => Ok(Self::Research),
            other => Err(not_listed("execution_logs", "agent_type", other)),
        }
    }
}

/// The values of `execution_logs.status`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExecutionLogsStatus {
    Running,
    Completed,
    Failed,
}

impl ExecutionLogsStatus {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl ToSql for ExecutionLogsStatus {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for ExecutionLogsStatus {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"running") => Ok(Self::Running),
            ValueRef::Text(b"completed") => Ok(Self::Completed),
            ValueRef::Text(b"failed") => Ok(Self::Failed),
            other => Err(not_listed("execution_logs", "status", other)),
        }
    }
}

/// The values of `plan_invariants.source_scope`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PlanInvariantsSourceScope {
    Plan,
    Action,
    Project,
    Global,
}

impl PlanInvariantsSourceScope {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Action => "action",
            Self::Project => "project",
            Self::Global => "global",
        }
    }
}

impl ToSql for PlanInvariantsSourceScope {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for PlanInvariantsSourceScope {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"plan") => Ok(Self::Plan),
            ValueRef::Text(b"action") => Ok(Self::Action),
            ValueRef::Text(b"project") => Ok(Self::Project),
            ValueRef::Text(b"global") => Ok(Self::Global),
            other => Err(not_listed("plan_invariants", "source_scope", other)),
        }
    }
}

/// The values of `tasks.status`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TasksStatus {
    Pending,
    Approved,
    Executing,
    Completed,
    Failed,
    Rejected,
}

impl TasksStatus {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Executing => "executing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
        }
    }
}

impl ToSql for TasksStatus {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for TasksStatus {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"pending") => Ok(Self::Pending),
            ValueRef::Text(b"approved") => Ok(Self::Approved),
            ValueRef::Text(b"executing") => Ok(Self::Executing),
            ValueRef::Text(b"completed") => Ok(Self::Completed),
            ValueRef::Text(b"failed") => Ok(Self::Failed),
            ValueRef::Text(b"rejected") => Ok(Self::Rejected),
            other => Err(not_listed("tasks", "status", other)),
        }
    }
}

/// The values of `v3_plans.phase`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum V3PlansPhase {
    Strategize,
    Execute,
    Apply,
    Applied,
    Action,
}

impl V3PlansPhase {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strategize => "strategize",
            Self::Execute => "execute",
            Self::Apply => "apply",
            Self::Applied => "applied",
            Self::Action => "action",
        }
    }
}

impl ToSql for V3PlansPhase {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for V3PlansPhase {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"strategize") => Ok(Self::Strategize),
            ValueRef::Text(b"execute") => Ok(Self::Execute),
            ValueRef::Text(b"apply") => Ok(Self::Apply),
            ValueRef::Text(b"applied") => Ok(Self::Applied),
            ValueRef::Text(b"action") => Ok(Self::Action),
            other => Err(not_listed("v3_plans", "phase", other)),
        }
    }
}

/// The values of `v3_plans.processing_state`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum V3PlansProcessingState {
    Queued,
    Processing,
    Errored,
    Complete,
    Cancelled,
}

impl V3PlansProcessingState {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Errored => "errored",
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
        }
    }
}

impl ToSql for V3PlansProcessingState {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for V3PlansProcessingState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(b"queued") => Ok(Self::Queued),
            ValueRef::Text(b"processing") => Ok(Self::Processing),
            ValueRef::Text(b"errored") => Ok(Self::Errored),
            ValueRef::Text(b"complete") => Ok(Self::Complete),
            ValueRef::Text(b"cancelled") => Ok(Self::Cancelled),
            other => Err(not_listed("v3_plans", "processing_state", other)),
        }
    }
}

/// A row of `action_arguments`.
#[derive(Clone, PartialEq, Debug)]
pub struct ActionArguments {
    pub action_name: String,
    pub name: String,
    pub arg_type: ActionArgumentsArgType,
    pub requirement: Option<String>,
    pub description: Option<String>,
    pub default_value_json: Option<Json>,
    pub min_value: Option<f64>,
    pub max_value: Option<f64>,
    pub validation_pattern: Option<String>,
    pub position: i64,
    pub rowid: Option<i64>,
}

impl ActionArguments {
    /// All rows, with the columns in the order of [`ActionArguments::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"action_name\", \"name\", \"arg_type\", \"requirement\", \"description\", \
        \"default_value_json\", \"min_value\", \"max_value\", \"validation_pattern\", \
        \"position\", \"rowid\" FROM \"action_arguments\"";

    const GET: &'static str = "\
        SELECT \"action_name\", \"name\", \"arg_type\", \"requirement\", \"description\", \
        \"default_value_json\", \"min_value\", \"max_value\", \"validation_pattern\", \
        \"position\", \"rowid\" FROM \"action_arguments\" WHERE \"rowid\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"action_arguments\" (\"action_name\", \"name\", \"arg_type\", \
        \"requirement\", \"description\", \"default_value_json\", \"min_value\", \"max_value\", \
        \"validation_pattern\", \"position\", \"rowid\") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
        ?9, ?10, ?11)";

    const UPDATE: &'static str = "\
        UPDATE \"action_arguments\" SET \"action_name\" = ?1, \"name\" = ?2, \"arg_type\" = ?3, \
        \"requirement\" = ?4, \"description\" = ?5, \"default_value_json\" = ?6, \
        \"min_value\" = ?7, \"max_value\" = ?8, \"validation_pattern\" = ?9, \"position\" = ?10 \
        WHERE \"rowid\" = ?11";

    const DELETE: &'static str = "\
        DELETE FROM \"action_arguments\" WHERE \"rowid\" = ?1";

    /// Reads a row whose columns are those of [`ActionArguments::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            action_name: row.get(0)?,
            name: row.get(1)?,
            arg_type: row.get(2)?,
            requirement: row.get(3)?,
            description: row.get(4)?,
            default_value_json: row.get(5)?,
            min_value: row.get(6)?,
            max_value: row.get(7)?,
            validation_pattern: row.get(8)?,
            position: row.get(9)?,
            rowid: row.get(10)?,
        })
    }

    /// The rows that the rest of [`ActionArguments::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, rowid: i64) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, rowid)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, &self.action_name)?;
        statement.raw_bind_parameter(2, &self.name)?;
        statement.raw_bind_parameter(3, self.arg_type)?;
        statement.raw_bind_parameter(4, &self.requirement)?;
        statement.raw_bind_parameter(5, &self.description)?;
        statement.raw_bind_parameter(6, &self.default_value_json)?;
        statement.raw_bind_parameter(7, self.min_value)?;
        statement.raw_bind_parameter(8, self.max_value)?;
        statement.raw_bind_parameter(9, &self.validation_pattern)?;
        statement.raw_bind_parameter(10, self.position)?;
        statement.raw_bind_parameter(11, self.rowid)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, &self.action_name)?;
        statement.raw_bind_parameter(2, &self.name)?;
        statement.raw_bind_parameter(3, self.arg_type)?;
        statement.raw_bind_parameter(4, &self.requirement)?;
        statement.raw_bind_parameter(5, &self.description)?;
        statement.raw_bind_parameter(6, &self.default_value_json)?;
        statement.raw_bind_parameter(7, self.min_value)?;
        statement.raw_bind_parameter(8, self.max_value)?;
        statement.raw_bind_parameter(9, &self.validation_pattern)?;
        statement.raw_bind_parameter(10, self.position)?;
        statement.raw_bind_parameter(11, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `action_arguments` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewActionArguments {
    pub action_name: String,
    pub name: String,
    pub arg_type: ActionArgumentsArgType,
    pub position: i64,
}

impl From<NewActionArguments> for ActionArguments {
    fn from(new: NewActionArguments) -> Self {
        Self {
            action_name: new.action_name,
            name: new.name,
            arg_type: new.arg_type,
            requirement: None,
            description: None,
            default_value_json: None,
            min_value: None,
            max_value: None,
            validation_pattern: None,
            position: new.position,
            rowid: None,
        }
    }
}

/// A row of `action_invariants`.
#[derive(Clone, PartialEq, Debug)]
pub struct ActionInvariants {
    pub action_name: String,
    pub invariant_text: String,
    pub position: i64,
    pub created_at: String,
    pub rowid: Option<i64>,
}

impl ActionInvariants {
    /// All rows, with the columns in the order of [`ActionInvariants::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"action_name\", \"invariant_text\", \"position\", \"created_at\", \"rowid\" \
        FROM \"action_invariants\"";

    const GET: &'static str = "\
        SELECT \"action_name\", \"invariant_text\", \"position\", \"created_at\", \"rowid\" \
        FROM \"action_invariants\" WHERE \"rowid\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"action_invariants\" (\"action_name\", \"invariant_text\", \"position\", \
        \"created_at\", \"rowid\") VALUES (?1, ?2, ?3, ?4, ?5)";

    const UPDATE: &'static str = "\
        UPDATE \"action_invariants\" SET \"action_name\" = ?1, \"invariant_text\" = ?2, \
        \"position\" = ?3, \"created_at\" = ?4 WHERE \"rowid\" = ?5";

    const DELETE: &'static str = "\
        DELETE FROM \"action_invariants\" WHERE \"rowid\" = ?1";

    /// Reads a row whose columns are those of [`ActionInvariants::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            action_name: row.get(0)?,
            invariant_text: row.get(1)?,
            position: row.get(2)?,
            created_at: row.get(3)?,
            rowid: row.get(4)?,
        })
    }

    /// The rows that the rest of [`ActionInvariants::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, rowid: i64) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, rowid)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, &self.action_name)?;
        statement.raw_bind_parameter(2, &self.invariant_text)?;
        statement.raw_bind_parameter(3, self.position)?;
        statement.raw_bind_parameter(4, &self.created_at)?;
        statement.raw_bind_parameter(5, self.rowid)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, &self.action_name)?;
        statement.raw_bind_parameter(2, &self.invariant_text)?;
        statement.raw_bind_parameter(3, self.position)?;
        statement.raw_bind_parameter(4, &self.created_at)?;
        statement.raw_bind_parameter(5, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `action_invariants` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewActionInvariants {
    pub action_name: String,
    pub invariant_text: String,
    pub position: i64,
    pub created_at: String,
}

impl From<NewActionInvariants> for ActionInvariants {
    fn from(new: NewActionInvariants) -> Self {
        Self {
            action_name: new.action_name,
            invariant_text: new.invariant_text,
            position: new.position,
            created_at: new.created_at,
            rowid: None,
        }
    }
}

/// A row of `actions`.
#[derive(Clone, PartialEq, Debug)]
pub struct Actions {
    pub namespaced_name: String,
    pub namespace: String,
    pub name: String,
    pub strategy_actor: Option<String>,
    pub execution_actor: Option<String>,
    pub review_actor: Option<String>,
    pub apply_actor: Option<String>,
    pub estimation_actor: Option<String>,
    pub invariant_actor: Option<String>,
    pub state: ActionsState,
    pub description: Option<String>,
    pub long_description: Option<String>,
    pub definition_of_done: Option<String>,
    pub automation_profile: Option<String>,
    pub reusable: i64,
    pub read_only: i64,
    pub inputs_schema_json: Option<Json>,
    pub tags_json: Option<Json>,
    pub created_by: Option<String>,
    pub created_at: String,
    pub updated_at: String,
}

impl Actions {
    /// All rows, with the columns in the order of [`Actions::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"namespaced_name\", \"namespace\", \"name\", \"strategy_actor\", \
        \"execution_actor\", \"review_actor\", \"apply_actor\", \"estimation_actor\", \
        \"invariant_actor\", \"state\", \"description\", \"long_description\", \
        \"definition_of_done\", \"automation_profile\", \"reusable\", \"read_only\", \
        \"inputs_schema_json\", \"tags_json\", \"created_by\", \"created_at\", \"updated_at\" \
        FROM \"actions\"";

    const GET: &'static str = "\
        SELECT \"namespaced_name\", \"namespace\", \"name\", \"strategy_actor\", \
        \"execution_actor\", \"review_actor\", \"apply_actor\", \"estimation_actor\", \
        \"invariant_actor\", \"state\", \"description\", \"long_description\", \
        \"definition_of_done\", \"automation_profile\", \"reusable\", \"read_only\", \
        \"inputs_schema_json\", \"tags_json\", \"created_by\", \"created_at\", \"updated_at\" \
        FROM \"actions\" WHERE \"namespaced_name\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"actions\" (\"namespaced_name\", \"namespace\", \"name\", \"strategy_actor\", \
        \"execution_actor\", \"review_actor\", \"apply_actor\", \"estimation_actor\", \
        \"invariant_actor\", \"state\", \"description\", \"long_description\", \
        \"definition_of_done\", \"automation_profile\", \"reusable\", \"read_only\", \
        \"inputs_schema_json\", \"tags_json\", \"created_by\", \"created_at\", \"updated_at\"\
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
        ?19, ?20, ?21)";

    const UPDATE: &'static str = "\
        UPDATE \"actions\" SET \"namespace\" = ?1, \"name\" = ?2, \"strategy_actor\" = ?3, \
        \"execution_actor\" = ?4, \"review_actor\" = ?5, \"apply_actor\" = ?6, \
        \"estimation_actor\" = ?7, \"invariant_actor\" = ?8, \"state\" = ?9, \
        \"description\" = ?10, \"long_description\" = ?11, \"definition_of_done\" = ?12, \
        \"automation_profile\" = ?13, \"reusable\" = ?14, \"read_only\" = ?15, \
        \"inputs_schema_json\" = ?16, \"tags_json\" = ?17, \"created_by\" = ?18, \
        \"created_at\" = ?19, \"updated_at\" = ?20 WHERE \"namespaced_name\" = ?21";

    const DELETE: &'static str = "\
        DELETE FROM \"actions\" WHERE \"namespaced_name\" = ?1";

    /// Reads a row whose columns are those of [`Actions::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            namespaced_name: row.get(0)?,
            namespace: row.get(1)?,
            name: row.get(2)?,
            strategy_actor: row.get(3)?,
            execution_actor: row.get(4)?,
            review_actor: row.get(5)?,
            apply_actor: row.get(6)?,
            estimation_actor: row.get(7)?,
            invariant_actor: row.get(8)?,
            state: row.get(9)?,
            description: row.get(10)?,
            long_description: row.get(11)?,
            definition_of_done: row.get(12)?,
            automation_profile: row.get(13)?,
            reusable: row.get(14)?,
            read_only: row.get(15)?,
            inputs_schema_json: row.get(16)?,
            tags_json: row.get(17)?,
            created_by: row.get(18)?,
            created_at: row.get(19)?,
            updated_at: row.get(20)?,
        })
    }

    /// The rows that the rest of [`Actions::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, namespaced_name: &str) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, namespaced_name)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, &self.namespaced_name)?;
        statement.raw_bind_parameter(2, &self.namespace)?;
        statement.raw_bind_parameter(3, &self.name)?;
        statement.raw_bind_parameter(4, &self.strategy_actor)?;
        statement.raw_bind_parameter(5, &self.execution_actor)?;
        statement.raw_bind_parameter(6, &self.review_actor)?;
        statement.raw_bind_parameter(7, &self.apply_actor)?;
        statement.raw_bind_parameter(8, &self.estimation_actor)?;
        statement.raw_bind_parameter(9, &self.invariant_actor)?;
        statement.raw_bind_parameter(10, self.state)?;
        statement.raw_bind_parameter(11, &self.description)?;
        statement.raw_bind_parameter(12, &self.long_description)?;
        statement.raw_bind_parameter(13, &self.definition_of_done)?;
        statement.raw_bind_parameter(14, &self.automation_profile)?;
        statement.raw_bind_parameter(15, self.reusable)?;
        statement.raw_bind_parameter(16, self.read_only)?;
        statement.raw_bind_parameter(17, &self.inputs_schema_json)?;
        statement.raw_bind_parameter(18, &self.tags_json)?;
        statement.raw_bind_parameter(19, &self.created_by)?;
        statement.raw_bind_parameter(20, &self.created_at)?;
        statement.raw_bind_parameter(21, &self.updated_at)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, &self.namespace)?;
        statement.raw_bind_parameter(2, &self.name)?;
        statement.raw_bind_parameter(3, &self.strategy_actor)?;
        statement.raw_bind_parameter(4, &self.execution_actor)?;
        statement.raw_bind_parameter(5, &self.review_actor)?;
        statement.raw_bind_parameter(6, &self.apply_actor)?;
        statement.raw_bind_parameter(7, &self.estimation_actor)?;
        statement.raw_bind_parameter(8, &self.invariant_actor)?;
        statement.raw_bind_parameter(9, self.state)?;
        statement.raw_bind_parameter(10, &self.description)?;
        statement.raw_bind_parameter(11, &self.long_description)?;
        statement.raw_bind_parameter(12, &self.definition_of_done)?;
        statement.raw_bind_parameter(13, &self.automation_profile)?;
        statement.raw_bind_parameter(14, self.reusable)?;
        statement.raw_bind_parameter(15, self.read_only)?;
        statement.raw_bind_parameter(16, &self.inputs_schema_json)?;
        statement.raw_bind_parameter(17, &self.tags_json)?;
        statement.raw_bind_parameter(18, &self.created_by)?;
        statement.raw_bind_parameter(19, &self.created_at)?;
        statement.raw_bind_parameter(20, &self.updated_at)?;
        statement.raw_bind_parameter(21, &self.namespaced_name)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, &self.namespaced_name)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `actions` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewActions {
    pub namespaced_name: String,
    pub namespace: String,
    pub name: String,
    pub created_at: String,
    pub updated_at: String,
}

impl From<NewActions> for Actions {
    fn from(new: NewActions) -> Self {
        Self {
            namespaced_name: new.namespaced_name,
            namespace: new.namespace,
            name: new.name,
            strategy_actor: None,
            execution_actor: None,
            review_actor: None,
            apply_actor: None,
            estimation_actor: None,
            invariant_actor: None,
            state: ActionsState::Available,
            description: None,
            long_description: None,
            definition_of_done: None,
            automation_profile: None,
            reusable: 1,
            read_only: 0,
            inputs_schema_json: None,
            tags_json: None,
            created_by: None,
            created_at: new.created_at,
            updated_at: new.updated_at,
        }
    }
}

/// A row of `correction_attempts`.
#[derive(Clone, PartialEq, Debug)]
pub struct CorrectionAttempts {
    pub correction_attempt_id: UlidText,
    pub plan_id: UlidText,
    pub original_decision_id: UlidText,
    pub new_decision_id: Option<UlidText>,
    pub mode: CorrectionAttemptsMode,
    pub guidance: String,
    pub archived_artifacts_path: Option<String>,
    pub state: CorrectionAttemptsState,
    pub created_at: String,
    pub completed_at: Option<String>,
}

impl CorrectionAttempts {
    /// All rows, with the columns in the order of [`CorrectionAttempts::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"correction_attempt_id\", \"plan_id\", \"original_decision_id\", \
        \"new_decision_id\", \"mode\", \"guidance\", \"archived_artifacts_path\", \"state\", \
        \"created_at\", \"completed_at\" FROM \"correction_attempts\"";

    const GET: &'static str = "\
        SELECT \"correction_attempt_id\", \"plan_id\", \"original_decision_id\", \
        \"new_decision_id\", \"mode\", \"guidance\", \"archived_artifacts_path\", \"state\", \
        \"created_at\", \"completed_at\" FROM \"correction_attempts\" \
        WHERE \"correction_attempt_id\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"correction_attempts\" (\"correction_attempt_id\", \"plan_id\", \
        \"original_decision_id\", \"new_decision_id\", \"mode\", \"guidance\", \
        \"archived_artifacts_path\", \"state\", \"created_at\", \"completed_at\") VALUES (?1, ?2, \
        ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

    const UPDATE: &'static str = "\
        UPDATE \"correction_attempts\" SET \"plan_id\" = ?1, \"original_decision_id\" = ?2, \
        \"new_decision_id\" = ?3, \"mode\" = ?4, \"guidance\" = ?5, \
        \"archived_artifacts_path\" = ?6, \"state\" = ?7, \"created_at\" = ?8, \
        \"completed_at\" = ?9 WHERE \"correction_attempt_id\" = ?10";

    const DELETE: &'static str = "\
        DELETE FROM \"correction_attempts\" WHERE \"correction_attempt_id\" = ?1";

    /// Reads a row whose columns are those of [`CorrectionAttempts::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            correction_attempt_id: row.get(0)?,
            plan_id: row.get(1)?,
            original_decision_id: row.get(2)?,
            new_decision_id: row.get(3)?,
            mode: row.get(4)?,
            guidance: row.get(5)?,
            archived_artifacts_path: row.get(6)?,
            state: row.get(7)?,
            created_at: row.get(8)?,
            completed_at: row.get(9)?,
        })
    }

    /// The rows that the rest of [`CorrectionAttempts::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, correction_attempt_id: UlidText) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, correction_attempt_id)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, self.correction_attempt_id)?;
        statement.raw_bind_parameter(2, self.plan_id)?;
        statement.raw_bind_parameter(3, self.original_decision_id)?;
        statement.raw_bind_parameter(4, self.new_decision_id)?;
        statement.raw_bind_parameter(5, self.mode)?;
        statement.raw_bind_parameter(6, &self.guidance)?;
        statement.raw_bind_parameter(7, &self.archived_artifacts_path)?;
        statement.raw_bind_parameter(8, self.state)?;
        statement.raw_bind_parameter(9, &self.created_at)?;
        statement.raw_bind_parameter(10, &self.completed_at)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        statement.raw_bind_parameter(2, self.original_decision_id)?;
        statement.raw_bind_parameter(3, self.new_decision_id)?;
        statement.raw_bind_parameter(4, self.mode)?;
        statement.raw_bind_parameter(5, &self.guidance)?;
        statement.raw_bind_parameter(6, &self.archived_artifacts_path)?;
        statement.raw_bind_parameter(7, self.state)?;
        statement.raw_bind_parameter(8, &self.created_at)?;
        statement.raw_bind_parameter(9, &self.completed_at)?;
        statement.raw_bind_parameter(10, self.correction_attempt_id)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, self.correction_attempt_id)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `correction_attempts` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewCorrectionAttempts {
    pub correction_attempt_id: UlidText,
    pub plan_id: UlidText,
    pub original_decision_id: UlidText,
    pub mode: CorrectionAttemptsMode,
    pub guidance: String,
    pub created_at: String,
}

impl From<NewCorrectionAttempts> for CorrectionAttempts {
    fn from(new: NewCorrectionAttempts) -> Self {
        Self {
            correction_attempt_id: new.correction_attempt_id,
            plan_id: new.plan_id,
            original_decision_id: new.original_decision_id,
            new_decision_id: None,
            mode: new.mode,
            guidance: new.guidance,
            archived_artifacts_path: None,
            state: CorrectionAttemptsState::Pending,
            created_at: new.created_at,
            completed_at: None,
        }
    }
}

/// A row of `decisions`.
#[derive(Clone, PartialEq, Debug)]
pub struct Decisions {
    pub decision_id: UlidText,
    pub plan_id: UlidText,
    pub parent_decision_id: Option<UlidText>,
    pub kind: String,
    pub question: String,
    pub chosen_option: Option<String>,
    pub rationale: Option<String>,
    pub created_at: String,
    pub superseded_at: Option<String>,
}

impl Decisions {
    /// All rows, with the columns in the order of [`Decisions::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"decision_id\", \"plan_id\", \"parent_decision_id\", \"kind\", \"question\", \
        \"chosen_option\", \"rationale\", \"created_at\", \"superseded_at\" FROM \"decisions\"";

    const GET: &'static str = "\
        SELECT \"decision_id\", \"plan_id\", \"parent_decision_id\", \"kind\", \"question\", \
        \"chosen_option\", \"rationale\", \"created_at\", \"superseded_at\" FROM \"decisions\" \
        WHERE \"decision_id\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"decisions\" (\"decision_id\", \"plan_id\", \"parent_decision_id\", \"kind\", \
        \"question\", \"chosen_option\", \"rationale\", \"created_at\", \"superseded_at\") VALUES (\
        ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

    const UPDATE: &'static str = "\
        UPDATE \"decisions\" SET \"plan_id\" = ?1, \"parent_decision_id\" = ?2, \"kind\" = ?3, \
        \"question\" = ?4, \"chosen_option\" = ?5, \"rationale\" = ?6, \"created_at\" = ?7, \
        \"superseded_at\" = ?8 WHERE \"decision_id\" = ?9";

    const DELETE: &'static str = "\
        DELETE FROM \"decisions\" WHERE \"decision_id\" = ?1";

    /// Reads a row whose columns are those of [`Decisions::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            decision_id: row.get(0)?,
            plan_id: row.get(1)?,
            parent_decision_id: row.get(2)?,
            kind: row.get(3)?,
            question: row.get(4)?,
            chosen_option: row.get(5)?,
            rationale: row.get(6)?,
            created_at: row.get(7)?,
            superseded_at: row.get(8)?,
        })
    }

    /// The rows that the rest of [`Decisions::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, decision_id: UlidText) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, decision_id)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, self.decision_id)?;
        statement.raw_bind_parameter(2, self.plan_id)?;
        statement.raw_bind_parameter(3, self.parent_decision_id)?;
        statement.raw_bind_parameter(4, &self.kind)?;
        statement.raw_bind_parameter(5, &self.question)?;
        statement.raw_bind_parameter(6, &self.chosen_option)?;
        statement.raw_bind_parameter(7, &self.rationale)?;
        statement.raw_bind_parameter(8, &self.created_at)?;
        statement.raw_bind_parameter(9, &self.superseded_at)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        statement.raw_bind_parameter(2, self.parent_decision_id)?;
        statement.raw_bind_parameter(3, &self.kind)?;
        statement.raw_bind_parameter(4, &self.question)?;
        statement.raw_bind_parameter(5, &self.chosen_option)?;
        statement.raw_bind_parameter(6, &self.rationale)?;
        statement.raw_bind_parameter(7, &self.created_at)?;
        statement.raw_bind_parameter(8, &self.superseded_at)?;
        statement.raw_bind_parameter(9, self.decision_id)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, self.decision_id)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `decisions` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewDecisions {
    pub decision_id: UlidText,
    pub plan_id: UlidText,
    pub kind: String,
    pub question: String,
    pub created_at: String,
}

impl From<NewDecisions> for Decisions {
    fn from(new: NewDecisions) -> Self {
        Self {
            decision_id: new.decision_id,
            plan_id: new.plan_id,
            parent_decision_id: None,
            kind: new.kind,
            question: new.question,
            chosen_option: None,
            rationale: None,
            created_at: new.created_at,
            superseded_at: None,
        }
    }
}

/// A row of `execution_logs`.
#[derive(Clone, PartialEq, Debug)]
pub struct ExecutionLogs {
    pub log_id: String,
    pub task_id: Option<String>,
    pub step_number: i64,
    pub agent_type: Option<ExecutionLogsAgentType>,
    pub action: String,
    pub status: Option<ExecutionLogsStatus>,
    pub output_summary: Option<String>,
    pub output_full: Option<Json>,
    pub timestamp: Option<String>,
    pub duration_ms: Option<i64>,
}

impl ExecutionLogs {
    /// All rows, with the columns in the order of [`ExecutionLogs::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"log_id\", \"task_id\", \"step_number\", \"agent_type\", \"action\", \"status\", \
        \"output_summary\", \"output_full\", \"timestamp\", \"duration_ms\" FROM \"execution_logs\"";

    const GET: &'static str = "\
        SELECT \"log_id\", \"task_id\", \"step_number\", \"agent_type\", \"action\", \"status\", \
        \"output_summary\", \"output_full\", \"timestamp\", \"duration_ms\" FROM \"execution_logs\" \
        WHERE \"log_id\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"execution_logs\" (\"log_id\", \"task_id\", \"step_number\", \"agent_type\", \
        \"action\", \"status\", \"output_summary\", \"output_full\", \"timestamp\", \"duration_ms\"\
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

    const UPDATE: &'static str = "\
        UPDATE \"execution_logs\" SET \"task_id\" = ?1, \"step_number\" = ?2, \"agent_type\" = ?3, \
        \"action\" = ?4, \"status\" = ?5, \"output_summary\" = ?6, \"output_full\" = ?7, \
        \"timestamp\" = ?8, \"duration_ms\" = ?9 WHERE \"log_id\" = ?10";

    const DELETE: &'static str = "\
        DELETE FROM \"execution_logs\" WHERE \"log_id\" = ?1";

    /// Reads a row whose columns are those of [`ExecutionLogs::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            log_id: row.get(0)?,
            task_id: row.get(1)?,
            step_number: row.get(2)?,
            agent_type: row.get(3)?,
            action: row.get(4)?,
            status: row.get(5)?,
            output_summary: row.get(6)?,
            output_full: row.get(7)?,
            timestamp: row.get(8)?,
            duration_ms: row.get(9)?,
        })
    }

    /// The rows that the rest of [`ExecutionLogs::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, log_id: &str) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, log_id)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, &self.log_id)?;
        statement.raw_bind_parameter(2, &self.task_id)?;
        statement.raw_bind_parameter(3, self.step_number)?;
        statement.raw_bind_parameter(4, self.agent_type)?;
        statement.raw_bind_parameter(5, &self.action)?;
        statement.raw_bind_parameter(6, self.status)?;
        statement.raw_bind_parameter(7, &self.output_summary)?;
        statement.raw_bind_parameter(8, &self.output_full)?;
        statement.raw_bind_parameter(9, &self.timestamp)?;
        statement.raw_bind_parameter(10, self.duration_ms)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, &self.task_id)?;
        statement.raw_bind_parameter(2, self.step_number)?;
        statement.raw_bind_parameter(3, self.agent_type)?;
        statement.raw_bind_parameter(4, &self.action)?;
        statement.raw_bind_parameter(5, self.status)?;
        statement.raw_bind_parameter(6, &self.output_summary)?;
        statement.raw_bind_parameter(7, &self.output_full)?;
        statement.raw_bind_parameter(8, &self.timestamp)?;
        statement.raw_bind_parameter(9, self.duration_ms)?;
        statement.raw_bind_parameter(10, &self.log_id)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, &self.log_id)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `execution_logs` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewExecutionLogs {
    pub log_id: String,
    pub step_number: i64,
    pub action: String,
    pub timestamp: Option<String>,
}

impl From<NewExecutionLogs> for ExecutionLogs {
    fn from(new: NewExecutionLogs) -> Self {
        Self {
            log_id: new.log_id,
            task_id: None,
            step_number: new.step_number,
            agent_type: None,
            action: new.action,
            status: None,
            output_summary: None,
            output_full: None,
            timestamp: new.timestamp,
            duration_ms: None,
        }
    }
}

/// A row of `plan_arguments`.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanArguments {
    pub plan_id: UlidText,
    pub name: String,
    pub value_json: Option<Json>,
    pub value_type: Option<String>,
    pub position: i64,
    pub rowid: Option<i64>,
}

impl PlanArguments {
    /// All rows, with the columns in the order of [`PlanArguments::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"plan_id\", \"name\", \"value_json\", \"value_type\", \"position\", \"rowid\" \
        FROM \"plan_arguments\"";

    const GET: &'static str = "\
        SELECT \"plan_id\", \"name\", \"value_json\", \"value_type\", \"position\", \"rowid\" \
        FROM \"plan_arguments\" WHERE \"rowid\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"plan_arguments\" (\"plan_id\", \"name\", \"value_json\", \"value_type\", \
        \"position\", \"rowid\") VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

    const UPDATE: &'static str = "\
        UPDATE \"plan_arguments\" SET \"plan_id\" = ?1, \"name\" = ?2, \"value_json\" = ?3, \
        \"value_type\" = ?4, \"position\" = ?5 WHERE \"rowid\" = ?6";

    const DELETE: &'static str = "\
        DELETE FROM \"plan_arguments\" WHERE \"rowid\" = ?1";

    /// Reads a row whose columns are those of [`PlanArguments::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            plan_id: row.get(0)?,
            name: row.get(1)?,
            value_json: row.get(2)?,
            value_type: row.get(3)?,
            position: row.get(4)?,
            rowid: row.get(5)?,
        })
    }

    /// The rows that the rest of [`PlanArguments::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, rowid: i64) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, rowid)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        statement.raw_bind_parameter(2, &self.name)?;
        statement.raw_bind_parameter(3, &self.value_json)?;
        statement.raw_bind_parameter(4, &self.value_type)?;
        statement.raw_bind_parameter(5, self.position)?;
        statement.raw_bind_parameter(6, self.rowid)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        statement.raw_bind_parameter(2, &self.name)?;
        statement.raw_bind_parameter(3, &self.value_json)?;
        statement.raw_bind_parameter(4, &self.value_type)?;
        statement.raw_bind_parameter(5, self.position)?;
        statement.raw_bind_parameter(6, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `plan_arguments` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewPlanArguments {
    pub plan_id: UlidText,
    pub name: String,
    pub position: i64,
}

impl From<NewPlanArguments> for PlanArguments {
    fn from(new: NewPlanArguments) -> Self {
        Self {
            plan_id: new.plan_id,
            name: new.name,
            value_json: None,
            value_type: None,
            position: new.position,
            rowid: None,
        }
    }
}

/// A row of `plan_invariants`.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanInvariants {
    pub plan_id: UlidText,
    pub invariant_text: String,
    pub source_scope: PlanInvariantsSourceScope,
    pub position: Option<i64>,
    pub created_at: String,
    pub rowid: Option<i64>,
}

impl PlanInvariants {
    /// All rows, with the columns in the order of [`PlanInvariants::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"plan_id\", \"invariant_text\", \"source_scope\", \"position\", \"created_at\", \
        \"rowid\" FROM \"plan_invariants\"";

    const GET: &'static str = "\
        SELECT \"plan_id\", \"invariant_text\", \"source_scope\", \"position\", \"created_at\", \
        \"rowid\" FROM \"plan_invariants\" WHERE \"rowid\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"plan_invariants\" (\"plan_id\", \"invariant_text\", \"source_scope\", \
        \"position\", \"created_at\", \"rowid\") VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

    const UPDATE: &'static str = "\
        UPDATE \"plan_invariants\" SET \"plan_id\" = ?1, \"invariant_text\" = ?2, \
        \"source_scope\" = ?3, \"position\" = ?4, \"created_at\" = ?5 WHERE \"rowid\" = ?6";

    const DELETE: &'static str = "\
        DELETE FROM \"plan_invariants\" WHERE \"rowid\" = ?1";

    /// Reads a row whose columns are those of [`PlanInvariants::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            plan_id: row.get(0)?,
            invariant_text: row.get(1)?,
            source_scope: row.get(2)?,
            position: row.get(3)?,
            created_at: row.get(4)?,
            rowid: row.get(5)?,
        })
    }

    /// The rows that the rest of [`PlanInvariants::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, rowid: i64) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, rowid)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        statement.raw_bind_parameter(2, &self.invariant_text)?;
        statement.raw_bind_parameter(3, self.source_scope)?;
        statement.raw_bind_parameter(4, self.position)?;
        statement.raw_bind_parameter(5, &self.created_at)?;
        statement.raw_bind_parameter(6, self.rowid)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        statement.raw_bind_parameter(2, &self.invariant_text)?;
        statement.raw_bind_parameter(3, self.source_scope)?;
        statement.raw_bind_parameter(4, self.position)?;
        statement.raw_bind_parameter(5, &self.created_at)?;
        statement.raw_bind_parameter(6, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `plan_invariants` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewPlanInvariants {
    pub plan_id: UlidText,
    pub invariant_text: String,
    pub source_scope: PlanInvariantsSourceScope,
    pub created_at: String,
}

impl From<NewPlanInvariants> for PlanInvariants {
    fn from(new: NewPlanInvariants) -> Self {
        Self {
            plan_id: new.plan_id,
            invariant_text: new.invariant_text,
            source_scope: new.source_scope,
            position: None,
            created_at: new.created_at,
            rowid: None,
        }
    }
}

/// A row of `plan_projects`.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanProjects {
    pub plan_id: UlidText,
    pub project_name: String,
    pub alias: Option<String>,
    pub read_only: i64,
    pub created_at: String,
    pub rowid: Option<i64>,
}

impl PlanProjects {
    /// All rows, with the columns in the order of [`PlanProjects::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"plan_id\", \"project_name\", \"alias\", \"read_only\", \"created_at\", \"rowid\" \
        FROM \"plan_projects\"";

    const GET: &'static str = "\
        SELECT \"plan_id\", \"project_name\", \"alias\", \"read_only\", \"created_at\", \"rowid\" \
        FROM \"plan_projects\" WHERE \"rowid\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"plan_projects\" (\"plan_id\", \"project_name\", \"alias\", \"read_only\", \
        \"created_at\", \"rowid\") VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

    const UPDATE: &'static str = "\
        UPDATE \"plan_projects\" SET \"plan_id\" = ?1, \"project_name\" = ?2, \"alias\" = ?3, \
        \"read_only\" = ?4, \"created_at\" = ?5 WHERE \"rowid\" = ?6";

    const DELETE: &'static str = "\
        DELETE FROM \"plan_projects\" WHERE \"rowid\" = ?1";

    /// Reads a row whose columns are those of [`PlanProjects::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            plan_id: row.get(0)?,
            project_name: row.get(1)?,
            alias: row.get(2)?,
            read_only: row.get(3)?,
            created_at: row.get(4)?,
            rowid: row.get(5)?,
        })
    }

    /// The rows that the rest of [`PlanProjects::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, rowid: i64) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, rowid)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        statement.raw_bind_parameter(2, &self.project_name)?;
        statement.raw_bind_parameter(3, &self.alias)?;
        statement.raw_bind_parameter(4, self.read_only)?;
        statement.raw_bind_parameter(5, &self.created_at)?;
        statement.raw_bind_parameter(6, self.rowid)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        statement.raw_bind_parameter(2, &self.project_name)?;
        statement.raw_bind_parameter(3, &self.alias)?;
        statement.raw_bind_parameter(4, self.read_only)?;
        statement.raw_bind_parameter(5, &self.created_at)?;
        statement.raw_bind_parameter(6, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, self.rowid)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `plan_projects` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewPlanProjects {
    pub plan_id: UlidText,
    pub project_name: String,
    pub created_at: String,
}

impl From<NewPlanProjects> for PlanProjects {
    fn from(new: NewPlanProjects) -> Self {
        Self {
            plan_id: new.plan_id,
            project_name: new.project_name,
            alias: None,
            read_only: 0,
            created_at: new.created_at,
            rowid: None,
        }
    }
}

/// A row of `tasks`.
#[derive(Clone, PartialEq, Debug)]
pub struct Tasks {
    pub task_id: String,
    pub project_id: Option<String>,
    pub request_text: String,
    pub created_by: Option<String>,
    pub status: Option<TasksStatus>,
    pub created_at: Option<String>,
    pub approved_at: Option<String>,
    pub completed_at: Option<String>,
    pub estimated_resources: Option<Json>,
    pub actual_resources: Option<Json>,
    pub external_ai_used: Option<Json>,
    pub error_message: Option<String>,
}

impl Tasks {
    /// All rows, with the columns in the order of [`Tasks::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"task_id\", \"project_id\", \"request_text\", \"created_by\", \"status\", \
        \"created_at\", \"approved_at\", \"completed_at\", \"estimated_resources\", \
        \"actual_resources\", \"external_ai_used\", \"error_message\" FROM \"tasks\"";

    const GET: &'static str = "\
        SELECT \"task_id\", \"project_id\", \"request_text\", \"created_by\", \"status\", \
        \"created_at\", \"approved_at\", \"completed_at\", \"estimated_resources\", \
        \"actual_resources\", \"external_ai_used\", \"error_message\" FROM \"tasks\" \
        WHERE \"task_id\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"tasks\" (\"task_id\", \"project_id\", \"request_text\", \"created_by\", \
        \"status\", \"created_at\", \"approved_at\", \"completed_at\", \"estimated_resources\", \
        \"actual_resources\", \"external_ai_used\", \"error_message\") VALUES (?1, ?2, ?3, ?4, ?5, \
        ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

    const UPDATE: &'static str = "\
        UPDATE \"tasks\" SET \"project_id\" = ?1, \"request_text\" = ?2, \"created_by\" = ?3, \
        \"status\" = ?4, \"created_at\" = ?5, \"approved_at\" = ?6, \"completed_at\" = ?7, \
        \"estimated_resources\" = ?8, \"actual_resources\" = ?9, \"external_ai_used\" = ?10, \
        \"error_message\" = ?11 WHERE \"task_id\" = ?12";

    const DELETE: &'static str = "\
        DELETE FROM \"tasks\" WHERE \"task_id\" = ?1";

    /// Reads a row whose columns are those of [`Tasks::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            task_id: row.get(0)?,
            project_id: row.get(1)?,
            request_text: row.get(2)?,
            created_by: row.get(3)?,
            status: row.get(4)?,
            created_at: row.get(5)?,
            approved_at: row.get(6)?,
            completed_at: row.get(7)?,
            estimated_resources: row.get(8)?,
            actual_resources: row.get(9)?,
            external_ai_used: row.get(10)?,
            error_message: row.get(11)?,
        })
    }

    /// The rows that the rest of [`Tasks::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, task_id: &str) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, task_id)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, &self.task_id)?;
        statement.raw_bind_parameter(2, &self.project_id)?;
        statement.raw_bind_parameter(3, &self.request_text)?;
        statement.raw_bind_parameter(4, &self.created_by)?;
        statement.raw_bind_parameter(5, self.status)?;
        statement.raw_bind_parameter(6, &self.created_at)?;
        statement.raw_bind_parameter(7, &self.approved_at)?;
        statement.raw_bind_parameter(8, &self.completed_at)?;
        statement.raw_bind_parameter(9, &self.estimated_resources)?;
        statement.raw_bind_parameter(10, &self.actual_resources)?;
        statement.raw_bind_parameter(11, &self.external_ai_used)?;
        statement.raw_bind_parameter(12, &self.error_message)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, &self.project_id)?;
        statement.raw_bind_parameter(2, &self.request_text)?;
        statement.raw_bind_parameter(3, &self.created_by)?;
        statement.raw_bind_parameter(4, self.status)?;
        statement.raw_bind_parameter(5, &self.created_at)?;
        statement.raw_bind_parameter(6, &self.approved_at)?;
        statement.raw_bind_parameter(7, &self.completed_at)?;
        statement.raw_bind_parameter(8, &self.estimated_resources)?;
        statement.raw_bind_parameter(9, &self.actual_resources)?;
        statement.raw_bind_parameter(10, &self.external_ai_used)?;
        statement.raw_bind_parameter(11, &self.error_message)?;
        statement.raw_bind_parameter(12, &self.task_id)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, &self.task_id)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `tasks` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewTasks {
    pub task_id: String,
    pub request_text: String,
    pub created_at: Option<String>,
}

impl From<NewTasks> for Tasks {
    fn from(new: NewTasks) -> Self {
        Self {
            task_id: new.task_id,
            project_id: None,
            request_text: new.request_text,
            created_by: None,
            status: Some(TasksStatus::Pending),
            created_at: new.created_at,
            approved_at: None,
            completed_at: None,
            estimated_resources: None,
            actual_resources: None,
            external_ai_used: None,
            error_message: None,
        }
    }
}

/// A row of `v3_plans`.
#[derive(Clone, PartialEq, Debug)]
pub struct V3Plans {
    pub plan_id: UlidText,
    pub parent_plan_id: Option<UlidText>,
    pub root_plan_id: UlidText,
    pub attempt: i64,
    pub namespaced_name: String,
    pub namespace: String,
    pub description: Option<String>,
    pub definition_of_done: Option<String>,
    pub phase: V3PlansPhase,
    pub processing_state: V3PlansProcessingState,
    pub strategize_started_at: Option<String>,
    pub execute_started_at: Option<String>,
    pub apply_started_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    pub completed_at: Option<String>,
    pub applied_at: Option<String>,
    pub action_name: Option<String>,
    pub automation_profile: String,
    pub effective_profile_snapshot: Json,
    pub strategy_actor: Option<String>,
    pub execution_actor: Option<String>,
    pub estimation_actor: Option<String>,
    pub invariant_actor: Option<String>,
    pub review_actor: Option<String>,
    pub apply_actor: Option<String>,
    pub read_only: i64,
    pub reusable: i64,
    pub inputs_schema_json: Option<Json>,
    pub created_by: Option<String>,
    pub tags_json: Option<Json>,
    pub changeset_id: Option<String>,
    pub sandbox_refs_json: Option<Json>,
    pub validation_summary_json: Option<Json>,
    pub decision_root_id: Option<UlidText>,
    pub error_message: Option<String>,
    pub error_details_json: Option<String>,
}

impl V3Plans {
    /// All rows, with the columns in the order of [`V3Plans::from_row`].
    pub const SELECT: &'static str = "\
        SELECT \"plan_id\", \"parent_plan_id\", \"root_plan_id\", \"attempt\", \
        \"namespaced_name\", \"namespace\", \"description\", \"definition_of_done\", \"phase\", \
        \"processing_state\", \"strategize_started_at\", \"execute_started_at\", \
        \"apply_started_at\", \"created_at\", \"updated_at\", \"completed_at\", \"applied_at\", \
        \"action_name\", \"automation_profile\", \"effective_profile_snapshot\", \
        \"strategy_actor\", \"execution_actor\", \"estimation_actor\", \"invariant_actor\", \
        \"review_actor\", \"apply_actor\", \"read_only\", \"reusable\", \"inputs_schema_json\", \
        \"created_by\", \"tags_json\", \"changeset_id\", \"sandbox_refs_json\", \
        \"validation_summary_json\", \"decision_root_id\", \"error_message\", \
        \"error_details_json\" FROM \"v3_plans\"";

    const GET: &'static str = "\
        SELECT \"plan_id\", \"parent_plan_id\", \"root_plan_id\", \"attempt\", \
        \"namespaced_name\", \"namespace\", \"description\", \"definition_of_done\", \"phase\", \
        \"processing_state\", \"strategize_started_at\", \"execute_started_at\", \
        \"apply_started_at\", \"created_at\", \"updated_at\", \"completed_at\", \"applied_at\", \
        \"action_name\", \"automation_profile\", \"effective_profile_snapshot\", \
        \"strategy_actor\", \"execution_actor\", \"estimation_actor\", \"invariant_actor\", \
        \"review_actor\", \"apply_actor\", \"read_only\", \"reusable\", \"inputs_schema_json\", \
        \"created_by\", \"tags_json\", \"changeset_id\", \"sandbox_refs_json\", \
        \"validation_summary_json\", \"decision_root_id\", \"error_message\", \
        \"error_details_json\" FROM \"v3_plans\" WHERE \"plan_id\" = ?1";

    const INSERT: &'static str = "\
        INSERT INTO \"v3_plans\" (\"plan_id\", \"parent_plan_id\", \"root_plan_id\", \"attempt\", \
        \"namespaced_name\", \"namespace\", \"description\", \"definition_of_done\", \"phase\", \
        \"processing_state\", \"strategize_started_at\", \"execute_started_at\", \
        \"apply_started_at\", \"created_at\", \"updated_at\", \"completed_at\", \"applied_at\", \
        \"action_name\", \"automation_profile\", \"effective_profile_snapshot\", \
        \"strategy_actor\", \"execution_actor\", \"estimation_actor\", \"invariant_actor\", \
        \"review_actor\", \"apply_actor\", \"read_only\", \"reusable\", \"inputs_schema_json\", \
        \"created_by\", \"tags_json\", \"changeset_id\", \"sandbox_refs_json\", \
        \"validation_summary_json\", \"decision_root_id\", \"error_message\", \
        \"error_details_json\") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
        ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, \
        ?32, ?33, ?34, ?35, ?36, ?37)";

    const UPDATE: &'static str = "\
        UPDATE \"v3_plans\" SET \"parent_plan_id\" = ?1, \"root_plan_id\" = ?2, \"attempt\" = ?3, \
        \"namespaced_name\" = ?4, \"namespace\" = ?5, \"description\" = ?6, \
        \"definition_of_done\" = ?7, \"phase\" = ?8, \"processing_state\" = ?9, \
        \"strategize_started_at\" = ?10, \"execute_started_at\" = ?11, \"apply_started_at\" = ?12, \
        \"created_at\" = ?13, \"updated_at\" = ?14, \"completed_at\" = ?15, \"applied_at\" = ?16, \
        \"action_name\" = ?17, \"automation_profile\" = ?18, \"effective_profile_snapshot\" = ?19, \
        \"strategy_actor\" = ?20, \"execution_actor\" = ?21, \"estimation_actor\" = ?22, \
        \"invariant_actor\" = ?23, \"review_actor\" = ?24, \"apply_actor\" = ?25, \
        \"read_only\" = ?26, \"reusable\" = ?27, \"inputs_schema_json\" = ?28, \
        \"created_by\" = ?29, \"tags_json\" = ?30, \"changeset_id\" = ?31, \
        \"sandbox_refs_json\" = ?32, \"validation_summary_json\" = ?33, \
        \"decision_root_id\" = ?34, \"error_message\" = ?35, \"error_details_json\" = ?36 \
        WHERE \"plan_id\" = ?37";

    const DELETE: &'static str = "\
        DELETE FROM \"v3_plans\" WHERE \"plan_id\" = ?1";

    /// Reads a row whose columns are those of [`V3Plans::SELECT`].
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            plan_id: row.get(0)?,
            parent_plan_id: row.get(1)?,
            root_plan_id: row.get(2)?,
            attempt: row.get(3)?,
            namespaced_name: row.get(4)?,
            namespace: row.get(5)?,
            description: row.get(6)?,
            definition_of_done: row.get(7)?,
            phase: row.get(8)?,
            processing_state: row.get(9)?,
            strategize_started_at: row.get(10)?,
            execute_started_at: row.get(11)?,
            apply_started_at: row.get(12)?,
            created_at: row.get(13)?,
            updated_at: row.get(14)?,
            completed_at: row.get(15)?,
            applied_at: row.get(16)?,
            action_name: row.get(17)?,
            automation_profile: row.get(18)?,
            effective_profile_snapshot: row.get(19)?,
            strategy_actor: row.get(20)?,
            execution_actor: row.get(21)?,
            estimation_actor: row.get(22)?,
            invariant_actor: row.get(23)?,
            review_actor: row.get(24)?,
            apply_actor: row.get(25)?,
            read_only: row.get(26)?,
            reusable: row.get(27)?,
            inputs_schema_json: row.get(28)?,
            created_by: row.get(29)?,
            tags_json: row.get(30)?,
            changeset_id: row.get(31)?,
            sandbox_refs_json: row.get(32)?,
            validation_summary_json: row.get(33)?,
            decision_root_id: row.get(34)?,
            error_message: row.get(35)?,
            error_details_json: row.get(36)?,
        })
    }

    /// The rows that the rest of [`V3Plans::SELECT`] chooses, as in `WHERE … ORDER BY …`.
    pub fn select<P: Params>(db: &Connection, rest: &str, params: P) -> Result<Vec<Self>> {
        let mut statement = db.prepare_cached(&format!("{} {rest}", Self::SELECT))?;
        let rows = statement.query_map(params, Self::from_row)?;
        rows.collect()
    }

    /// The row with this key.
    pub fn get(db: &Connection, plan_id: UlidText) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(Self::GET)?;
        statement.raw_bind_parameter(1, plan_id)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(Self::from_row).transpose()
    }

    /// Inserts the row, and gives its rowid.
    pub fn insert(&self, db: &Connection) -> Result<i64> {
        let mut statement = db.prepare_cached(Self::INSERT)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        statement.raw_bind_parameter(2, self.parent_plan_id)?;
        statement.raw_bind_parameter(3, self.root_plan_id)?;
        statement.raw_bind_parameter(4, self.attempt)?;
        statement.raw_bind_parameter(5, &self.namespaced_name)?;
        statement.raw_bind_parameter(6, &self.namespace)?;
        statement.raw_bind_parameter(7, &self.description)?;
        statement.raw_bind_parameter(8, &self.definition_of_done)?;
        statement.raw_bind_parameter(9, self.phase)?;
        statement.raw_bind_parameter(10, self.processing_state)?;
        statement.raw_bind_parameter(11, &self.strategize_started_at)?;
        statement.raw_bind_parameter(12, &self.execute_started_at)?;
        statement.raw_bind_parameter(13, &self.apply_started_at)?;
        statement.raw_bind_parameter(14, &self.created_at)?;
        statement.raw_bind_parameter(15, &self.updated_at)?;
        statement.raw_bind_parameter(16, &self.completed_at)?;
        statement.raw_bind_parameter(17, &self.applied_at)?;
        statement.raw_bind_parameter(18, &self.action_name)?;
        statement.raw_bind_parameter(19, &self.automation_profile)?;
        statement.raw_bind_parameter(20, &self.effective_profile_snapshot)?;
        statement.raw_bind_parameter(21, &self.strategy_actor)?;
        statement.raw_bind_parameter(22, &self.execution_actor)?;
        statement.raw_bind_parameter(23, &self.estimation_actor)?;
        statement.raw_bind_parameter(24, &self.invariant_actor)?;
        statement.raw_bind_parameter(25, &self.review_actor)?;
        statement.raw_bind_parameter(26, &self.apply_actor)?;
        statement.raw_bind_parameter(27, self.read_only)?;
        statement.raw_bind_parameter(28, self.reusable)?;
        statement.raw_bind_parameter(29, &self.inputs_schema_json)?;
        statement.raw_bind_parameter(30, &self.created_by)?;
        statement.raw_bind_parameter(31, &self.tags_json)?;
        statement.raw_bind_parameter(32, &self.changeset_id)?;
        statement.raw_bind_parameter(33, &self.sandbox_refs_json)?;
        statement.raw_bind_parameter(34, &self.validation_summary_json)?;
        statement.raw_bind_parameter(35, self.decision_root_id)?;
        statement.raw_bind_parameter(36, &self.error_message)?;
        statement.raw_bind_parameter(37, &self.error_details_json)?;
        statement.raw_execute()?;
        Ok(db.last_insert_rowid())
    }

    /// Writes the row over the one with its key; `false` when there is none.
    pub fn update(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::UPDATE)?;
        statement.raw_bind_parameter(1, self.parent_plan_id)?;
        statement.raw_bind_parameter(2, self.root_plan_id)?;
        statement.raw_bind_parameter(3, self.attempt)?;
        statement.raw_bind_parameter(4, &self.namespaced_name)?;
        statement.raw_bind_parameter(5, &self.namespace)?;
        statement.raw_bind_parameter(6, &self.description)?;
        statement.raw_bind_parameter(7, &self.definition_of_done)?;
        statement.raw_bind_parameter(8, self.phase)?;
        statement.raw_bind_parameter(9, self.processing_state)?;
        statement.raw_bind_parameter(10, &self.strategize_started_at)?;
        statement.raw_bind_parameter(11, &self.execute_started_at)?;
        statement.raw_bind_parameter(12, &self.apply_started_at)?;
        statement.raw_bind_parameter(13, &self.created_at)?;
        statement.raw_bind_parameter(14, &self.updated_at)?;
        statement.raw_bind_parameter(15, &self.completed_at)?;
        statement.raw_bind_parameter(16, &self.applied_at)?;
        statement.raw_bind_parameter(17, &self.action_name)?;
        statement.raw_bind_parameter(18, &self.automation_profile)?;
        statement.raw_bind_parameter(19, &self.effective_profile_snapshot)?;
        statement.raw_bind_parameter(20, &self.strategy_actor)?;
        statement.raw_bind_parameter(21, &self.execution_actor)?;
        statement.raw_bind_parameter(22, &self.estimation_actor)?;
        statement.raw_bind_parameter(23, &self.invariant_actor)?;
        statement.raw_bind_parameter(24, &self.review_actor)?;
        statement.raw_bind_parameter(25, &self.apply_actor)?;
        statement.raw_bind_parameter(26, self.read_only)?;
        statement.raw_bind_parameter(27, self.reusable)?;
        statement.raw_bind_parameter(28, &self.inputs_schema_json)?;
        statement.raw_bind_parameter(29, &self.created_by)?;
        statement.raw_bind_parameter(30, &self.tags_json)?;
        statement.raw_bind_parameter(31, &self.changeset_id)?;
        statement.raw_bind_parameter(32, &self.sandbox_refs_json)?;
        statement.raw_bind_parameter(33, &self.validation_summary_json)?;
        statement.raw_bind_parameter(34, self.decision_root_id)?;
        statement.raw_bind_parameter(35, &self.error_message)?;
        statement.raw_bind_parameter(36, &self.error_details_json)?;
        statement.raw_bind_parameter(37, self.plan_id)?;
        Ok(statement.raw_execute()? > 0)
    }

    /// Deletes the row with this key; `false` when there is none.
    pub fn delete(&self, db: &Connection) -> Result<bool> {
        let mut statement = db.prepare_cached(Self::DELETE)?;
        statement.raw_bind_parameter(1, self.plan_id)?;
        Ok(statement.raw_execute()? > 0)
    }
}

/// What a new row of `v3_plans` needs: the rest is NULL, or the default that the table states.
#[derive(Clone, PartialEq, Debug)]
pub struct NewV3Plans {
    pub plan_id: UlidText,
    pub root_plan_id: UlidText,
    pub namespaced_name: String,
    pub namespace: String,
    pub processing_state: V3PlansProcessingState,
    pub created_at: String,
    pub updated_at: String,
}

impl From<NewV3Plans> for V3Plans {
    fn from(new: NewV3Plans) -> Self {
        Self {
            plan_id: new.plan_id,
            parent_plan_id: None,
            root_plan_id: new.root_plan_id,
            attempt: 1,
            namespaced_name: new.namespaced_name,
            namespace: new.namespace,
            description: None,
            definition_of_done: None,
            phase: V3PlansPhase::Action,
            processing_state: new.processing_state,
            strategize_started_at: None,
            execute_started_at: None,
            apply_started_at: None,
            created_at: new.created_at,
            updated_at: new.updated_at,
            completed_at: None,
            applied_at: None,
            action_name: None,
            automation_profile: String::from("balanced"),
            effective_profile_snapshot: Json(serde_json::json!({})),
            strategy_actor: None,
            execution_actor: None,
            estimation_actor: None,
            invariant_actor: None,
            review_actor: None,
            apply_actor: None,
            read_only: 0,
            reusable: 1,
            inputs_schema_json: None,
            created_by: None,
            tags_json: None,
            changeset_id: None,
            sandbox_refs_json: None,
            validation_summary_json: None,
            decision_root_id: None,
            error_message: None,
            error_details_json: None,
        }
    }
}
