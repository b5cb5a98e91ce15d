//! Anatomy from depths measured with calipers.
