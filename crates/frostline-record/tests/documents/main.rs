//! What the documents say, measured and checked as a reader would.

mod contents;
mod fixture;
mod honest_wording;
mod of_a_case;
mod reading_level;
