-- spec
CREATE TABLE t(a DEFAULT (CURRENT_TIMESTAMP), b DEFAULT (datetime('now')));
-- live
CREATE TABLE t(a DEFAULT current_timestamp, b DEFAULT ( DATETIME ( 'now' ) ));
