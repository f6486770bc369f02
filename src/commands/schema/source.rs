//! Where a schema comes from: a database, a DDL file or a migrations folder.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::audit::Others;
use crate::audit::others::without;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::base::source::SourceFile;
use crate::commands::{Context, scratch};
use crate::ddl;
use crate::engine::{self, Access, DatabaseName, OpenOptions, SpecDatabase};
use crate::schema::{Ident, Pragmas, Schema};
use crate::sql::{first_stray, shown};

/// A schema, and the text that makes it.
pub struct Loaded {
    /// The schema.
    pub schema: Schema,
    /// The DDL file, or the dump of what is no file.
    pub source: SourceFile,
    /// Whether it is a database, with rows.
    pub is_database: bool,
    /// Whether it is a DDL file, which sets what it wants set.
    is_ddl: bool,
}

/// How the names of databases end. A text file of such a name is a mistake, not DDL.
const DATABASES: [&str; 6] = ["db", "db3", "sqlite", "sqlite3", "s3db", "sl3"];

impl Loaded {
    /// Reads the schema that `path` leads to: of a server, that of its database; of a folder, what its migrations produce; of a file that begins like a
    /// SQLite database, its schema; of any other file, what its DDL makes.
    ///
    /// # Errors
    /// When it cannot be read, or SQLite refuses it.
    pub fn read(ctx: &mut Context<'_>, name: &DatabaseName) -> Result<Loaded> {
        let Some(path) = name.file() else {
            let mut engine = engine::open(name, Access::ReadOnly, OpenOptions::default(), ctx.job)?;
            let path = PathBuf::from(name.display().to_string());
            return Ok(Loaded { is_database: true, ..Loaded::dumped(&path, engine.inspect()?) });
        };
        if path.is_dir() {
            return Ok(Loaded::dumped(path, scratch::migrated(ctx, path)?.inspect()?));
        }
        if is_database(path)? {
            let mut engine = engine::open(path, Access::ReadOnly, OpenOptions::default(), ctx.job)?;
            return Ok(Loaded { is_database: true, ..Loaded::dumped(path, engine.inspect()?) });
        }
        if path
            .extension()
            .is_some_and(|extension| DATABASES.iter().any(|known| extension.eq_ignore_ascii_case(known)))
            && path.metadata().is_ok_and(|metadata| metadata.len() > 0)
        {
            let message = format!("{} is not a SQLite database", path.display());
            return Err(Error::new(ErrorKind::Database, message)
                .note("it does not begin the way SQLite databases do; an encrypted one looks like this, too")
                .help(
                    "check the path; a file of DDL is read when its name ends otherwise, as in `ddl.sql`",
                ));
        }
        let as_ddl = |error: Error| {
            error
                .note(format!("{} does not begin like a SQLite database and was read as DDL", path.display()))
        };
        let source = SourceFile::read(path).map_err(as_ddl)?;
        let schema = engine::spec_database(&source, ctx.job)
            .and_then(|spec_database| spec_database.schema())
            .map_err(as_ddl)?;
        Ok(Loaded { schema, source, is_database: false, is_ddl: true })
    }

    /// The schema of what is no file of DDL, `path`.
    pub(in crate::commands) fn dumped(path: &Path, schema: Schema) -> Loaded {
        let source = SourceFile::new(path, ddl::dump(&schema));
        Loaded { schema, source, is_database: false, is_ddl: false }
    }

    /// The same without the tables of others, where it is a database: what a dump or a page is about is the project's
    /// own schema. What the spec has is part of that. The user is told what is left out.
    pub fn but(self, ctx: &mut Context<'_>, others: &Others, spec: Option<&Path>) -> Loaded {
        let mut theirs = others.of(&self.schema, &Schema::default());
        if !self.is_database || theirs.is_empty() {
            return self;
        }
        // A spec that SQLite refuses keeps nothing: a dump may be what is to replace it.
        if let Some(Ok(spec)) = spec.map(|spec| Loaded::read(ctx, &spec.into())) {
            theirs = others.of(&self.schema, &spec.schema);
        }
        if theirs.is_empty() {
            return self;
        }
        let names: Vec<String> = theirs.iter().map(Ident::shown).collect();
        ctx.job.tell(Event::LeftOut { names: &names });
        let schema = without(&self.schema, &theirs).into_owned();
        Loaded { is_database: true, ..Loaded::dumped(self.source.path(), schema) }
    }

    /// The text, where it is one that somebody wrote.
    pub fn ddl(&self) -> Option<&SourceFile> {
        self.is_ddl.then_some(&self.source)
    }

    /// The settings that it asks of another schema. A DDL file asks for what it sets; a database for what it has, where
    /// either of the two has it otherwise than a new database does; a folder for what its migrations left so.
    pub fn asks_of(&self, from: &Loaded) -> Pragmas {
        if self.is_ddl {
            return self.schema.pragmas.clone();
        }
        let mut asked = ddl::stated_pragmas(&self.schema.pragmas);
        if self.is_database {
            let there = ddl::stated_pragmas(&from.schema.pragmas).values.into_keys();
            let also = there.filter_map(|name| Some((name, self.schema.pragmas.values.get(name)?.clone())));
            asked.values.extend(also);
        }
        asked
    }

    /// The schema in a database of its own, to compare with.
    ///
    /// # Errors
    /// When SQLite refuses the text.
    pub fn spec_database(&self, job: Job<'_>) -> Result<Box<dyn SpecDatabase>> {
        engine::spec_database_beside(&self.source, &self.schema, job)
    }
}

/// Refuses a schema of which no text could be written that makes it again: a file of DDL is UTF-8.
///
/// # Errors
/// `Database`, with each statement that holds other bytes.
pub fn refuse_stray_bytes(schema: &Schema, path: &Path) -> Result<()> {
    let indexes = schema.tables.values().flat_map(|table| table.indexes.values());
    let all = (schema.tables.values().map(|table| ("table", &table.name, &table.sql)))
        .chain(indexes.map(|index| ("index", &index.name, &index.sql)))
        .chain(schema.views.values().map(|view| ("view", &view.name, &view.sql)))
        .chain(schema.triggers.values().map(|trigger| ("trigger", &trigger.name, &trigger.sql)));
    let mut found = all.filter_map(|(kind, name, sql)| {
        let (at, byte) = first_stray(sql).or_else(|| first_stray(name.as_str()))?;
        let name = name.shown();
        let line = shown(sql.get(..at)?.rsplit('\n').next()?.trim_start()).into_owned();
        Some(shown(&format!("{kind} {name}: \\x{byte:02X} behind `{line}`")).into_owned())
    });
    let Some(first) = found.next() else { return Ok(()) };
    let path = path.display();
    let message = format!("the schema of {path} holds bytes that are not UTF-8, {first}");
    let error = found.fold(Error::new(ErrorKind::Database, message), |error, more| error.note(more));
    Err(error.help(
        "no file of DDL can say this: create the object again with the text in UTF-8 (a table by a rebuild, others by DROP \
         and CREATE), then try again",
    ))
}

/// Whether a file begins as every SQLite database does (<https://www.sqlite.org/fileformat2.html#magic_header_string>).
pub(in crate::commands) fn is_database(path: &Path) -> Result<bool> {
    const MAGIC: &[u8; 16] = b"SQLite format 3\0";
    // What is read from a pipe is gone: it can only be DDL.
    if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return Ok(false);
    }
    let mut head = Vec::with_capacity(MAGIC.len());
    let file =
        |error| Error::file(path, error).help("name a database, a file of DDL or a folder of migrations");
    File::open(path).map_err(file)?.take(16).read_to_end(&mut head).map_err(file)?;
    Ok(head == MAGIC)
}
