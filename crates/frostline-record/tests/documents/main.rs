//! What the documents say, measured and checked as a reader would.

mod contents;
mod fixture;
mod honest_wording;
mod reading_level;
