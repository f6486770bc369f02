-- spec
CREATE VIRTUAL TABLE f USING vec0( e  float[768] );
-- live
create virtual table f using vec0(e float[768]);
