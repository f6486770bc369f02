-- spec
CREATE VIEW v AS SELECT x FROM nowhere WHERE y<>1;
-- live
CREATE VIEW v AS select [X] from "nowhere" where Y != 1;
-- expect: error broken-view v
-- note: view v does not compile: no such table: main.nowhere
