//! NRRD, attached and detached.
