//! MetaImage (`.mha`, `.mhd`).
