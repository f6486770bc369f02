mod arriving;
pub(crate) mod errors;
pub(crate) mod explain;
pub(crate) mod failing_rows;
pub(crate) mod fault;
pub(crate) mod foreign_keys;
pub(crate) mod unknown;
