//! NIfTI-1 and NIfTI-2 (`.nii`, `.nii.gz`).
