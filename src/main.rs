//! The `precopy` command; see [`precopy::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    precopy::cli::main(std::env::args_os())
}
