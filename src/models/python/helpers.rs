//! The few classes that a module brings along, each only where it is used.

/// Types with their own words.
pub(super) const DECLARED: &str = r#"
class Declared(sa.TypeDecorator[_T]):
    """A type, and the words that declare it in the table."""

    __visit_name__ = "user_defined"
    impl: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]] = sa.types.NullType
    cache_ok = True

    def __init__(
        self, words: str, like: sa.types.TypeEngine[Any], *, keeps_none: bool = False
    ) -> None:
        super().__init__()
        self.words = words
        self.like = like
        self.impl = like
        # None is NULL also where the column has a default.
        self.keeps_none = self.should_evaluate_none = keeps_none

    def get_col_spec(self, **kw: Any) -> str:
        return self.words
"#;

/// Types whose values are listed.
pub(super) const CHOICE: &str = r#"
class Choice(Declared[_E]):
    """A type whose values are those of an enum."""

    cache_ok = True

    def __init__(
        self,
        words: str,
        like: sa.types.TypeEngine[Any],
        choices: type[_E],
        *,
        keeps_none: bool = False,
    ) -> None:
        super().__init__(words, like, keeps_none=keeps_none)
        self.choices = choices

    def process_bind_param(self, value: _E | None, dialect: sa.Dialect) -> Any:
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> _E | None:
        return None if value is None else self.choices(value)
"#;

/// Keys that tables do not state as SQLAlchemy would.
pub(super) const KEY: &str = r#"
class Key(sa.PrimaryKeyConstraint):
    """What tells rows apart; the table states it in SQL, or elsewhere."""

    def __init__(self, *columns: str, sql: str | None = None, **kw: Any) -> None:
        super().__init__(*columns, **kw)
        self.sql = sql


@compiles(Key, "sqlite")
def _key(element: Key, compiler: Any, **kw: Any) -> str | None:
    return element.sql
"#;

/// Constraints in SQL.
pub(super) const STATED: &str = r#"
class Stated(sa.Constraint):
    """A constraint in SQL: SQLAlchemy has no words for it."""

    def __init__(self, sql: str) -> None:
        super().__init__()
        self.sql = sql


@compiles(Stated, "sqlite")
def _stated(element: Stated, compiler: Any, **kw: Any) -> str:
    return element.sql
"#;

/// Statements in SQL.
pub(super) const STATEMENT: &str = r#"
class Statement(sa.schema.ExecutableDDLElement):
    """A statement in SQL: SQLAlchemy has no words for it."""

    def __init__(self, sql: str) -> None:
        self.sql = sql


@compiles(Statement, "sqlite")
def _statement(element: Statement, compiler: Any, **kw: Any) -> str:
    return element.sql
"#;
