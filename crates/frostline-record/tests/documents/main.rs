//! What the documents say, measured and checked as a reader would.

mod fixture;
mod reading_level;
