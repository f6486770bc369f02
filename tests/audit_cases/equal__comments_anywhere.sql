-- spec
CREATE/*1*/TABLE/*2*/t/*3*/(/*4*/a/*5*/TEXT/*6*/NOT/*7*/NULL/*8*/DEFAULT/*9*/'x'/*10*/CHECK/*11*/(/*12*/a<>''/*13*/)--14
,b--15
,UNIQUE/*16*/(/*17*/a/*18*/)/*19*/)/*20*/;
-- live
CREATE TABLE t(a TEXT NOT NULL DEFAULT 'x' CHECK(a<>''), b, UNIQUE(a));
