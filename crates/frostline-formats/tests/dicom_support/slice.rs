//! Small DICOM files made for one test: explicit VR little endian, 2 x 2 pixels of 16 bits.

/// What a made slice says; change a field to make it wrong.
#[derive(Clone)]
pub struct Slice {
    pub name: String,
    pub modality: &'static str,
    pub series: &'static str,
    pub patient: &'static str,
    pub image_type: &'static str,
    pub position: [f64; 3],
    pub axes: [f64; 6],
    pub spacing: [f64; 2],
    pub thickness: Option<f64>,
    pub rescale: Option<[f64; 2]>,
    pub echo_ms: Option<f64>,
    pub samples: u16,
    pub photometric: &'static str,
    pub bits: [u16; 3],
    pub signed: bool,
    pub values: [u16; 4],
}

impl Slice {
    /// An axial CT slice at a height; every pixel is stored as 1000 and means -24 HU.
    pub fn ct(z_mm: f64) -> Self {
        Self {
            name: format!("z{z_mm}"),
            modality: "CT",
            series: "1.2.3",
            patient: "P1",
            image_type: "ORIGINAL\\PRIMARY\\AXIAL",
            position: [10.0, 20.0, z_mm],
            axes: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            spacing: [0.5, 0.25],
            thickness: Some(2.0),
            rescale: Some([1.0, -1024.0]),
            echo_ms: None,
            samples: 1,
            photometric: "MONOCHROME2",
            bits: [16, 16, 15],
            signed: false,
            values: [1000; 4],
        }
    }

    pub fn mr(z_mm: f64) -> Self {
        Self { modality: "MR", rescale: None, ..Self::ct(z_mm) }
    }

    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The file, with preamble and meta group.
    pub fn file(&self) -> (String, Vec<u8>) {
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM");
        bytes.extend(text(0x0002, 0x0010, b"UI", "1.2.840.10008.1.2.1"));
        let numbers = |v: &[f64]| v.iter().map(f64::to_string).collect::<Vec<_>>().join("\\");
        bytes.extend(text(0x0008, 0x0008, b"CS", self.image_type));
        bytes.extend(text(0x0008, 0x0060, b"CS", self.modality));
        bytes.extend(text(0x0010, 0x0010, b"PN", "Someone^Real"));
        bytes.extend(text(0x0010, 0x0020, b"LO", self.patient));
        self.thickness.iter().for_each(|mm| bytes.extend(text(0x0018, 0x0050, b"DS", &mm.to_string())));
        self.echo_ms.iter().for_each(|ms| bytes.extend(text(0x0018, 0x0081, b"DS", &ms.to_string())));
        bytes.extend(text(0x0020, 0x000E, b"UI", self.series));
        bytes.extend(text(0x0020, 0x0032, b"DS", &numbers(&self.position)));
        bytes.extend(text(0x0020, 0x0037, b"DS", &numbers(&self.axes)));
        bytes.extend(short(0x0028, 0x0002, self.samples));
        bytes.extend(text(0x0028, 0x0004, b"CS", self.photometric));
        bytes.extend(short(0x0028, 0x0010, 2));
        bytes.extend(short(0x0028, 0x0011, 2));
        bytes.extend(text(0x0028, 0x0030, b"DS", &numbers(&self.spacing)));
        for (element, bits) in [0x0100, 0x0101, 0x0102].into_iter().zip(self.bits) {
            bytes.extend(short(0x0028, element, bits));
        }
        bytes.extend(short(0x0028, 0x0103, u16::from(self.signed)));
        bytes.extend(text(0x0028, 0x1050, b"DS", "40"));
        bytes.extend(text(0x0028, 0x1051, b"DS", "400"));
        if let Some([slope, intercept]) = self.rescale {
            bytes.extend(text(0x0028, 0x1052, b"DS", &intercept.to_string()));
            bytes.extend(text(0x0028, 0x1053, b"DS", &slope.to_string()));
        }
        let pixels: Vec<u8> = self.values.iter().flat_map(|v| v.to_le_bytes()).collect();
        bytes.extend(long(0x7FE0, 0x0010, b"OW", &pixels));
        (self.name.clone(), bytes)
    }
}

fn tag(group: u16, element: u16) -> Vec<u8> {
    [group.to_le_bytes(), element.to_le_bytes()].concat()
}

/// An element with a two-byte length.
pub fn text(group: u16, element: u16, vr: &[u8; 2], value: &str) -> Vec<u8> {
    let padded = if value.len().is_multiple_of(2) { value.to_string() } else { format!("{value} ") };
    [tag(group, element), vr.to_vec(), (padded.len() as u16).to_le_bytes().to_vec(), padded.into_bytes()].concat()
}

pub fn short(group: u16, element: u16, value: u16) -> Vec<u8> {
    [tag(group, element), b"US".to_vec(), vec![2, 0], value.to_le_bytes().to_vec()].concat()
}

/// An element with a four-byte length.
pub fn long(group: u16, element: u16, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    [tag(group, element), vr.to_vec(), vec![0, 0], (value.len() as u32).to_le_bytes().to_vec(), value.to_vec()].concat()
}

/// A sequence of items, each already coded.
pub fn sequence(group: u16, element: u16, items: &[Vec<u8>]) -> Vec<u8> {
    let item =
        |body: &Vec<u8>| [tag(0xFFFE, 0xE000), (body.len() as u32).to_le_bytes().to_vec(), body.clone()].concat();
    let body: Vec<u8> = items.iter().flat_map(item).collect();
    long(group, element, b"SQ", &body)
}
