-- spec
PRAGMA user_version=7;PRAGMA application_id=0x10;PRAGMA auto_vacuum=incremental;PRAGMA journal_mode=wal;
-- live
pragma main.user_version(7);PRAGMA application_id = 16;PRAGMA auto_vacuum=2;PRAGMA main.journal_mode = 'WAL';
