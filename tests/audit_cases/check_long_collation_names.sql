-- spec
CREATE TABLE t(a CHECK(a COLLATE collation_with_a_long_name_1 <> 'x'));
-- live
CREATE TABLE t(a CHECK(a COLLATE collation_with_a_long_name_2 <> 'x'));
-- expect: error missing-check t.a
-- reversed
-- expect: error missing-check t.a
