//! Which identifying attributes a file carries. Names only: the values are never kept.

use super::DicomFile;
use super::dataset::{DataSetError, Object, Set, Tag};

/// Direct identifiers of a person, of where they were treated and by whom: the attributes that PS3.15 table E.1-1 removes
/// or empties in its basic profile and that are seen in images.
const IDENTIFYING: [(Tag, &str); 34] = [
    (Tag(0x0008, 0x0050), "AccessionNumber"),
    (Tag(0x0008, 0x0080), "InstitutionName"),
    (Tag(0x0008, 0x0081), "InstitutionAddress"),
    (Tag(0x0008, 0x0090), "ReferringPhysicianName"),
    (Tag(0x0008, 0x0092), "ReferringPhysicianAddress"),
    (Tag(0x0008, 0x0094), "ReferringPhysicianTelephoneNumbers"),
    (Tag(0x0008, 0x1010), "StationName"),
    (Tag(0x0008, 0x1040), "InstitutionalDepartmentName"),
    (Tag(0x0008, 0x1048), "PhysiciansOfRecord"),
    (Tag(0x0008, 0x1050), "PerformingPhysicianName"),
    (Tag(0x0008, 0x1060), "NameOfPhysiciansReadingStudy"),
    (Tag(0x0008, 0x1070), "OperatorsName"),
    (Tag(0x0010, 0x0010), "PatientName"),
    (Tag(0x0010, 0x0020), "PatientID"),
    (Tag(0x0010, 0x0021), "IssuerOfPatientID"),
    (Tag(0x0010, 0x0030), "PatientBirthDate"),
    (Tag(0x0010, 0x0032), "PatientBirthTime"),
    (Tag(0x0010, 0x0040), "PatientSex"),
    (Tag(0x0010, 0x0050), "PatientInsurancePlanCodeSequence"),
    (Tag(0x0010, 0x1000), "OtherPatientIDs"),
    (Tag(0x0010, 0x1001), "OtherPatientNames"),
    (Tag(0x0010, 0x1002), "OtherPatientIDsSequence"),
    (Tag(0x0010, 0x1005), "PatientBirthName"),
    (Tag(0x0010, 0x1010), "PatientAge"),
    (Tag(0x0010, 0x1040), "PatientAddress"),
    (Tag(0x0010, 0x1060), "PatientMotherBirthName"),
    (Tag(0x0010, 0x2154), "PatientTelephoneNumbers"),
    (Tag(0x0010, 0x2160), "EthnicGroup"),
    (Tag(0x0010, 0x21B0), "AdditionalPatientHistory"),
    (Tag(0x0010, 0x4000), "PatientComments"),
    (Tag(0x0018, 0x1000), "DeviceSerialNumber"),
    (Tag(0x0032, 0x1032), "RequestingPhysician"),
    (Tag(0x0040, 0xA123), "PersonName"),
    (Tag(0x0040, 0xA730), "ContentSequence"),
];

/// The standard's names of the identifying attributes that are present and not empty, never their values.
///
/// # Errors
/// [`DataSetError`] when the file is not readable DICOM.
pub fn identifying_attributes(file: DicomFile<'_>) -> Result<Vec<String>, DataSetError> {
    Ok(identifying_in(&Object::open(file.bytes)?.set()))
}

pub(super) fn identifying_in(set: &Set<'_>) -> Vec<String> {
    let present = IDENTIFYING.iter().filter(|(tag, _)| set.text(*tag).is_some());
    present.map(|(_, name)| (*name).to_string()).collect()
}
