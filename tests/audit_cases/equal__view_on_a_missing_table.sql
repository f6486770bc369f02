-- spec
CREATE VIEW v AS SELECT x FROM nowhere WHERE y<>1;
-- live
CREATE VIEW v AS select [X] from "nowhere" where Y != 1;
