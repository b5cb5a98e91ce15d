//! Probes, tissues, protocols, limits, nerves and their sources, read from `data/`.
