//! DICOM: series of CT and MR, contours (RTSTRUCT) and segmentations (SEG).
