"""Small files for the reader tests, written by nibabel, pynrrd and SimpleITK, and what those libraries read from them.

Run in this folder: python make.py. It writes the files and expected.json (sizes, index-to-LPS map, min, max, sum).
Made for this project; no third-party content.
"""
import json
import nibabel as nib
import nrrd
import numpy as np
import SimpleITK as sitk

LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
SHAPE = (4, 3, 2)
RAMP = np.arange(24).reshape(SHAPE, order="F")
c, s = np.cos(0.4), np.sin(0.4)
OBLIQUE = np.array([[c, -s, 0, -12.5], [s, c, 0, 30.0], [0, 0, 1, 7.0], [0, 0, 0, 1]]) @ np.diag([0.5, 0.75, 3.0, 1])
expected = {}


def note(name, shape, lps, values):
    values = np.asarray(values, dtype=np.float64)
    expected[name] = {
        "size": [int(n) for n in shape],
        "lps": np.asarray(lps)[:3].tolist(),
        "min": values.min(), "max": values.max(), "sum": values.sum(),
    }


def nifti(name, kind, data, order="<", units="mm", sform=1, qform=1, affine=OBLIQUE, slope=None):
    image = kind(data, affine, kind.header_class(endianness=order))
    image.header.set_data_dtype(np.dtype(data.dtype).newbyteorder(order))
    image.set_sform(affine, sform)
    image.set_qform(affine, qform)
    image.header.set_xyzt_units(units)
    if slope:
        image.header.set_slope_inter(*slope)
    nib.save(image, name)
    back = nib.load(name)
    mm = {"mm": 1.0, "meter": 1000.0, "micron": 0.001}[units]
    note(name, data.shape[:3], LPS @ np.diag([mm, mm, mm, 1]) @ back.affine, back.get_fdata())


for order in "<>":
    word = {"<": "little", ">": "big"}[order]
    for t in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]:
        data = RAMP.astype(t) if t[0] == "u" else (RAMP - 10).astype(t)
        nifti(f"nifti1_{t}_{word}.nii", nib.Nifti1Image, data, order)
    nifti(f"nifti2_i2_{word}.nii.gz", nib.Nifti2Image, (RAMP - 10).astype("i2"), order)
nifti("metres.nii", nib.Nifti1Image, RAMP.astype("i2"), units="meter")
nifti("microns.nii", nib.Nifti1Image, RAMP.astype("i2"), units="micron")
nifti("qform_only.nii", nib.Nifti1Image, RAMP.astype("i2"), sform=0)
nifti("sform_only.nii", nib.Nifti1Image, RAMP.astype("i2"), qform=0)
nifti("mirrored.nii", nib.Nifti1Image, RAMP.astype("i2"), sform=0, affine=OBLIQUE @ np.diag([1, 1, -1, 1]))
nifti("half_turn.nii", nib.Nifti1Image, RAMP.astype("i2"), sform=0, affine=np.diag([-2.0, -3.0, 4.0, 1]))

itk = sitk.GetImageFromArray((RAMP - 10).astype("i2").transpose(2, 1, 0))
itk.SetSpacing((0.5, 0.75, 3.0))
itk.SetOrigin((10.0, -20.0, 30.5))
itk.SetDirection((c, -s, 0, s, c, 0, 0, 0, 1))
LPS_ITK = np.array([[c * 0.5, -s * 0.75, 0, 10.0], [s * 0.5, c * 0.75, 0, -20.0], [0, 0, 3.0, 30.5]])
for name, packed in [("plain.mha", False), ("zlib.mha", True), ("pair.mhd", False), ("packed_pair.mhd", True),
                     ("itk.nrrd", False), ("itk_gzip.nrrd", True), ("itk.nii.gz", True)]:
    sitk.WriteImage(itk, name, packed)
    note(name, SHAPE, LPS_ITK, RAMP - 10)
for name, kind in [("double.mha", sitk.sitkFloat64), ("long_long.mha", sitk.sitkInt64), ("uint.mha", sitk.sitkUInt32)]:
    sitk.WriteImage(sitk.Cast(itk + 10, kind), name)
    note(name, SHAPE, LPS_ITK, RAMP)

DIRECTIONS = np.array([[c * 0.5, s * 0.5, 0], [-s * 0.75, c * 0.75, 0], [0, 0, 3.0]])
for space, sign in [("left-posterior-superior", (1, 1, 1)), ("RAS", (-1, -1, 1)), ("left-anterior-superior", (1, -1, 1))]:
    for encoding in ["raw", "gzip", "bzip2", "ascii"]:
        name = f"{ {1: 'lps', -1: 'ras'}[sign[0]] if sign[0] == sign[1] else 'las'}_{encoding}.nrrd"
        nrrd.write(name, (RAMP - 10).astype("i4"), {"space": space, "space directions": DIRECTIONS,
                   "space origin": [1.0, 2.0, 3.0], "encoding": encoding, "endian": "little"})
        lps = np.diag(sign) @ np.column_stack([DIRECTIONS.T, [1.0, 2.0, 3.0]])
        note(name, SHAPE, lps, RAMP - 10)
json.dump(expected, open("expected.json", "w"), indent=1)
