//! Anatomy from an ultrasound frame with masks.
