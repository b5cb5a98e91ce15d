//! scratch
use frostline_freeze::conformance::*;
fn main() {
    let which = std::env::args().nth(1).unwrap_or_default();
    let extent = if std::env::args().nth(2).is_some() { Extent::Brief } else { Extent::Full };
    for p in Problem::ALL {
        if format!("{p:?}").starts_with(&which) {
            let t = std::time::Instant::now();
            println!("{}", as_text(&conformance(&[p], extent)));
            println!("{:?}", t.elapsed());
        }
    }
}
