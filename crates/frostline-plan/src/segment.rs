//! Tissue in a CT from its Hounsfield units.
