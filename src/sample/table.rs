//! The table of plans, as far as generated rows fill it: the only place where its names stand.

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// The plan's ULID.
    Id,
    /// Its parent's.
    Parent,
    /// Its root's.
    Root,
    /// `build/release`
    Name,
    /// `build`
    Namespace,
    /// `strategize`, …
    Phase,
    /// `queued`, …
    State,
    /// The time of its id.
    CreatedAt,
    /// The same.
    UpdatedAt,
    /// The name of its automation profile.
    Profile,
    /// The profile as it was, as JSON.
    Snapshot,
}

/// A column under its live name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanColumn {
    /// What it holds.
    pub field: Field,
    /// Its name.
    pub name: String,
    /// Whether the table has to have it. The others came with later migrations: a table that does not have them yet is
    /// filled without, so that the migration can be tried on it.
    pub required: bool,
}

/// The table under its live names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanTable {
    /// Its name.
    pub name: String,
    /// The columns that are filled.
    pub columns: Vec<PlanColumn>,
}

/// The specification's name of the table.
const PLANS: &str = "plans";

/// The specification's names of the columns.
const COLUMNS: [(Field, &str, bool); 11] = [
    (Field::Id, "plan_id", true),
    (Field::Parent, "parent_plan_id", true),
    (Field::Root, "root_plan_id", true),
    (Field::Name, "namespaced_name", true),
    (Field::Namespace, "namespace", true),
    (Field::Phase, "phase", true),
    (Field::State, "state", true),
    (Field::CreatedAt, "created_at", true),
    (Field::UpdatedAt, "updated_at", true),
    (Field::Profile, "automation_profile_name", false),
    (Field::Snapshot, "effective_profile_snapshot", false),
];

impl PlanTable {
    /// The table, `live` giving the live name of the table (no column) or of a column of it where it is another than the
    /// specification's.
    pub fn live(live: impl Fn(&str, Option<&str>) -> Option<String>) -> PlanTable {
        let column = |(field, name, required): (Field, &str, bool)| PlanColumn {
            field,
            name: live(PLANS, Some(name)).unwrap_or_else(|| name.to_owned()),
            required,
        };
        PlanTable {
            name: live(PLANS, None).unwrap_or_else(|| PLANS.to_owned()),
            columns: COLUMNS.into_iter().map(column).collect(),
        }
    }

    /// The name of the column that holds `field`.
    pub fn column(&self, field: Field) -> &str {
        self.columns.iter().find(|column| column.field == field).map_or("", |column| column.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_live_ones_where_there_are_any() {
        let table = PlanTable::live(|table, column| match (table, column) {
            ("plans", None) => Some("v3_plans".to_owned()),
            ("plans", Some("state")) => Some("processing_state".to_owned()),
            _ => None,
        });
        assert_eq!((table.name.as_str(), table.column(Field::State)), ("v3_plans", "processing_state"));
        assert_eq!(table.column(Field::Id), "plan_id");
    }
}
