-- spec
CREATE TABLE t(state TEXT, b INT);
-- live
CREATE TABLE t(processing_state TEXT, b INT);
-- expect: error missing-column t.state
-- expect: error extra-column t.processing_state
-- note: looks renamed to processing_state
-- note: looks renamed from state
-- reversed
-- expect: error missing-column t.processing_state
-- expect: error extra-column t.state
