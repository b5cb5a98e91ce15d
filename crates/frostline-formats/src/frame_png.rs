//! An 8-bit PNG ultrasound frame or mask with a pixel size given by the user.
