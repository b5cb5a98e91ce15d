//! Where numbers lie in the lists that the device reads: said once, for both languages.

macro_rules! words {
    ($($(#[doc = $doc:literal])? $name:ident = $value:expr;)*) => {
        $($(#[doc = $doc])? pub(super) const $name: u32 = $value;)*

        /// The same numbers for the shaders.
        pub(super) fn as_wgsl() -> String {
            let mut text = String::new();
            $(text.push_str(&format!("const {} = {}u;\n", stringify!($name), $name));)*
            text
        }
    };
}

words! {
    /// Cells that one work group works on; the smallest limit that every device offers.
    BLOCK = 256;
    /// Threads that work on one probe.
    CREW = 64;

    // The head of the book.
    HEAD_SCENES = 0;
    HEAD_BLOCKS = 1;
    HEAD_BLOCKS_AT = 2;
    /// Places in every field.
    HEAD_PLACES = 3;
    HEAD_PROBES = 4;
    HEAD_PROBES_AT = 5;
    HEAD_ROWS = 6;
    HEAD_WORDS = 8;

    // One scene.
    SCENE_FIRST = 0;
    SCENE_FIRST_BLOCK = 1;
    SCENE_BLOCKS = 2;
    SCENE_STRIDE_Y = 3;
    SCENE_STRIDE_Z = 4;
    SCENE_KINDS_AT = 5;
    SCENE_KINDS = 6;
    SCENE_STASIS = 7;
    SCENE_LIMITS = 8;
    SCENE_LIMITS_AT = 9;
    SCENE_BELOW_FIRST = 10;
    SCENE_LISTS_AT = 11;
    SCENE_ROWS_FIRST = 12;
    SCENE_PLACES = 13;
    SCENE_WORDS = 16;

    // One tissue.
    KIND_LINEAR_ABOVE_U = 0;
    KIND_TOP_U = 1;
    KIND_PER_U = 2;
    KIND_LAST_NODE = 3;
    KIND_PSI_AT = 4;
    KIND_CELSIUS_AT = 5;
    KIND_STARTS_PSI = 6;
    KIND_STARTS_C = 7;
    KIND_ORIGIN_C = 8;
    KIND_MADE = 9;
    KIND_SLOPE = 10;
    KIND_CONDUCTIVITY = 11;
    KIND_STRETCHES_AT = 12;
    KIND_STRETCHES = 13;
    KIND_FREEZING_U = 14;
    KIND_WORDS = 16;

    // One stretch of a curve.
    STRETCH_WARM_C = 0;
    STRETCH_WARM_U = 1;
    STRETCH_U_PER_K = 2;
    STRETCH_WARM_PSI = 3;
    STRETCH_K = 4;
    STRETCH_SLOPE = 5;
    STRETCH_WORDS = 6;

    // One probe in the book. Places in lists count from the lists of its scene.
    PROBE_SCENE = 0;
    PROBE_NUMBER = 1;
    PROBE_DRIVE = 2;
    PROBE_RUNS_AT = 3;
    PROBE_COLD_RUNS = 4;
    PROBE_WARM_RUNS = 5;
    PROBE_COVERED_AT = 6;
    PROBE_COVERED = 7;
    PROBE_FILM = 8;
    PROBE_MOST_POWER = 9;
    PROBE_SHAFT_C = 10;
    PROBE_TARGETS_AT = 11;
    PROBE_WORDS = 16;
    DRIVE_OFF = 0;
    DRIVE_SURFACE = 1;
    DRIVE_FILM = 2;

    // Links of one probe to one tissue: pairs of cell and conductance.
    RUN_KIND = 0;
    RUN_PAIRS_AT = 1;
    RUN_PAIRS = 2;
    RUN_TOTAL = 3;
    RUN_WORDS = 4;

    // What a probe is doing, kept on the device.
    STATE_SURFACE_C = 0;
    STATE_HAS_SURFACE = 1;
    STATE_GIVEN_W = 2;
    STATE_NEWEST_J = 3;
    STATE_BEFORE_J = 4;
    STATE_FIRST_W = 5;
    STATE_COLDEST_C = 6;
    STATE_WORDS = 8;

    // What one scene does in one slot of a round.
    STEP_COUNT = 0;
    STEP_LENGTH_S = 1;
    STEP_THEN_S = 2;
    STEP_AHEAD = 3;
    STEP_HALF = 4;
    STEP_STAGES_AT = 5;
    STEP_STAGE_WORDS = 6;
    STEP_IS_SWITCH = 7;
    STEP_WORDS = 8;
    STAGE_NEWEST = 0;
    STAGE_BEFORE = 1;
    STAGE_RATE_S = 2;
    STAGE_FIRST_RATE_S = 3;
    /// Then the temperature of each probe of the scene.
    STAGE_DRIVES = 4;

    // What acts on single cells.
    ROW_TAG = 0;
    ROW_CONSTANT = 1;
    ROW_OWN = 2;
    ROW_OTHER = 3;
    ROW_NEWEST_J = 4;
    ROW_BEFORE_J = 5;
    ROW_FIRST_W = 6;
    ROW_CELL = 7;
    ROW_WORDS = 8;
    TAG_LINK = 0;
    TAG_WARMER = 1;
    TAG_FACE = 2;
    TAG_WALL = 3;
    TAG_SHIFT = 30;
    TAG_INDEX = 0x3fff_ffff;

    // What bends: the halves of the cell's own side and of the other, or the film and what is beyond.
    FACE_HALF_OWN = 0;
    FACE_HALF_OTHER = 1;
    FACE_BEYOND_C = 2;
    FACE_PLAIN_G = 3;
    FACE_CELSIUS = 4;
    FACE_IS_BENT = 5;
    FACE_SCENE = 6;
    /// 1 when the other cell comes first on the axis: both sides find their face in the same order, to the same bit.
    FACE_IS_SECOND = 7;
    FACE_WORDS = 8;

    // The code of a cell: its tissue, whether no blood flows, and its number among the cells that rows act on (from 1).
    CODE_KIND = 0xff;
    CODE_DRY = 0x100;
    CODE_SHIFT = 9;

    // Sums of one scene and slot: all sources, metabolism, walls; then one number for each probe of the batch.
    LEDGER_SCENE_WORDS = 4;
}

/// A number as the book holds it.
pub(super) fn bits(number: f64) -> u32 {
    (number as f32).to_bits()
}
