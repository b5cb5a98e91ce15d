//! scratch
use frostline_freeze::conformance::*;
fn main() {
    let t = std::time::Instant::now();
    println!("{}", as_text(&conformance(&Problem::ALL, Extent::Full)));
    println!("{:?}", t.elapsed());
}
