-- Cannot restore: the rows of these tables. lifecycle_plans goes too, also in a database that brought it along,
-- with the plans that V3's down moved back into it: SQL alone cannot tell who made the table. Take a copy first
-- (`planctl migrate down --backup FILE`) when its rows matter.
DROP TABLE action_invariants;
DROP TABLE actions;
DROP TABLE lifecycle_plans;
