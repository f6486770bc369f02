//! The migrations become part of the program.

fn main() -> Result<(), planctl_build::Error> {
    planctl_build::embed("../../migrations")
}
