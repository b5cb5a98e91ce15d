//! Tissue and structures from a label map and a mapping of labels.
