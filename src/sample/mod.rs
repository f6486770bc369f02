//! Sample plans in bulk: a shape and a seed → rows. No connection, no SQL, and nothing allocated per row.
//!
//! ```
//! use planctl::internals::sample::{Asked, Plans, Shape};
//!
//! let shape = Shape::new(&Asked { plans: 1_000, depth: Some(5), ..Asked::default() })?;
//! let rows: Vec<_> = Plans::new(&shape).collect();
//! assert_eq!(rows.len(), 1_000);
//! assert!(rows.is_sorted_by(|a, b| a.id.as_str() < b.id.as_str()));
//! # Ok::<(), planctl::error::Error>(())
//! ```

mod clock;
mod plans;
mod random;
mod shape;
mod table;

pub use clock::{TimeText, UlidText};
pub use plans::{Census, PlanRow, Plans};
pub use random::Random;
pub use shape::{Asked, Roots, Shape};
pub use table::{Field, PlanTable};
