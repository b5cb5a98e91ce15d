//! The frostline program; everything it does is in the library of the same name.

fn main() -> std::process::ExitCode {
    frostline::run()
}
