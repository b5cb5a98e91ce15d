//! What the documents say, measured and checked as a reader would.

mod before;
mod claimed;
mod contents;
mod every_line;
mod fixture;
mod honest_wording;
mod of_a_case;
mod planned;
mod reading_level;
mod strength;
mod way;
mod who_signs;
