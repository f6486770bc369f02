//! Where a schema comes from: a database, a DDL file or a migrations folder.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::commands::{Context, scratch};
use crate::ddl;
use crate::engine::{self, Access, OpenOptions, Reference};
use crate::error::{Error, Result};
use crate::schema::Schema;
use crate::source::SourceFile;

/// A schema, and the text that makes it.
pub struct Loaded {
    /// The schema.
    pub schema: Schema,
    /// The DDL file, or the dump of what is no file.
    pub source: SourceFile,
    /// Whether it is a database, with rows.
    pub is_database: bool,
}

impl Loaded {
    /// Reads the schema that `path` leads to: of a folder, what its migrations produce; of a file that begins like a
    /// SQLite database, its schema; of any other file, what its DDL makes.
    ///
    /// # Errors
    /// When it cannot be read, or SQLite refuses it.
    pub fn read(ctx: &mut Context<'_>, path: &Path) -> Result<Loaded> {
        if path.is_dir() {
            return Ok(Loaded::dumped(path, scratch::migrated(ctx, path)?.inspect()?));
        }
        if is_database(path)? {
            let mut engine = engine::open(path, Access::ReadOnly, OpenOptions::default())?;
            return Ok(Loaded { is_database: true, ..Loaded::dumped(path, engine.inspect()?) });
        }
        let source = SourceFile::read(path)?;
        let schema = engine::reference(&source)?.schema()?;
        Ok(Loaded { schema, source, is_database: false })
    }

    fn dumped(path: &Path, mut schema: Schema) -> Loaded {
        schema.pragmas = ddl::stated_pragmas(&schema.pragmas);
        let source = SourceFile::new(path, ddl::dump(&schema));
        Loaded { schema, source, is_database: false }
    }

    /// The schema in a database of its own, to compare with.
    ///
    /// # Errors
    /// When SQLite refuses the text.
    pub fn reference(&self) -> Result<Box<dyn Reference>> {
        engine::reference(&self.source)
    }
}

/// Whether a file begins as every SQLite database does (<https://www.sqlite.org/fileformat2.html#magic_header_string>).
fn is_database(path: &Path) -> Result<bool> {
    const MAGIC: &[u8; 16] = b"SQLite format 3\0";
    // What is read from a pipe is gone: it can only be DDL.
    if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return Ok(false);
    }
    let mut head = Vec::with_capacity(MAGIC.len());
    let file = File::open(path).map_err(|error| Error::file(path, error))?;
    file.take(16).read_to_end(&mut head).map_err(|error| Error::file(path, error))?;
    Ok(head == MAGIC)
}
