//! A package whose build script embeds a folder, built by cargo.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// What the program of the package in `dir` prints: the embedded names, and the length of all texts.
fn built(dir: &Path) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--offline", "--quiet"])
        .current_dir(dir)
        .env("CARGO_TARGET_DIR", dir.join("target"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_file_that_comes_goes_or_changes_is_in_the_next_build() {
    let dir = std::env::temp_dir().join(format!("planctl-build-{}", std::process::id()));
    let write = |name: &str, text: &str| {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let helper = env!("CARGO_MANIFEST_DIR");
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = 'app'\nversion = '0.0.0'\nedition = '2024'\n[workspace]\n\
             [build-dependencies]\nplanctl-build = {{ path = {helper:?} }}\n"
        ),
    );
    write(
        "build.rs",
        "fn main() -> Result<(), planctl_build::Error> { planctl_build::embed(\"migrations\") }",
    );
    write(
        "src/main.rs",
        "const FILES: &[(&str, &str)] = &include!(concat!(env!(\"OUT_DIR\"), \"/planctl_migrations.rs\"));\n\
         fn main() { for (name, text) in FILES { print!(\"{name} {} \", text.len()); } }",
    );
    write("migrations/V1__a.sql", "SELECT 1;");
    assert_eq!(built(&dir), "V1__a.sql 9 ");
    write("migrations/V2__b.sql", "SELECT 22;");
    assert_eq!(built(&dir), "V1__a.sql 9 V2__b.sql 10 ");
    write("migrations/V1__a.sql", "SELECT 333;");
    assert_eq!(built(&dir), "V1__a.sql 11 V2__b.sql 10 ");
    fs::remove_file(dir.join("migrations/V1__a.sql")).unwrap();
    assert_eq!(built(&dir), "V2__b.sql 10 ");
    fs::remove_dir_all(&dir).unwrap();
}
