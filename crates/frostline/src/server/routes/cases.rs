//! Cases: opened with a referral, grown by signed steps, read with everything the rules say.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use frostline_record::case::steps::{NumbersFrom, PlanRecord};
use frostline_record::case::{
    Blocker, Case, FieldProblem, Judging, Missing, Phase, Second, SignedStep, Signer, Stage, Step,
};
use frostline_record::rules::{Due, Moment, Override, Ruled, Ruling};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::cases::{CaseError, KeptCase, ListedCase, Wanted};
use crate::server::guard::AboutCase;
use crate::server::idempotency::Command;
use crate::server::input::{Body, Path, Query};
use crate::server::page::{Page, PageAsked};
use crate::server::problem::{FieldFault, Kind, Problem};
use crate::server::signed::Signed;
use crate::server::state::AppState;
use crate::server::step_permission::{allowed, seen_needed};
use crate::server::versions::{IfMatchOptional, etag};

/// A step to sign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepAsked {
    /// What happened or was decided.
    step: Step,
}

/// A case as it stands.
#[derive(Serialize, ToSchema)]
pub struct CaseView {
    /// The line of the lists.
    #[serde(flatten)]
    listed: ListedCase,
    /// What stands before the next milestone.
    blockers: Vec<Blocker>,
    /// Allergies, asked and learnt.
    allergies: Vec<String>,
    /// Until when the last dose of each drug that is held may be taken.
    #[schema(value_type = Vec<Object>)]
    holds: Vec<HoldView>,
    /// What is due in the follow-up.
    #[schema(value_type = Vec<Object>)]
    due: Vec<Due>,
    /// How much local anaesthetic was given, of the most; absent when it cannot be said.
    anaesthetic_share: Option<f64>,
    /// Where the numbers of the plan come from: a planning job, or somebody's hand; absent while there is no plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_numbers: Option<NumbersFrom>,
    /// What the patient said last while the probe is in, where it asks for a pause.
    pause: Option<PauseAsked>,
}

/// Discomfort or cold that asks for a pause before anything goes on.
#[derive(Serialize, ToSchema)]
pub struct PauseAsked {
    /// Number of the step that says so.
    step: u64,
    /// Discomfort, 0 to 10.
    discomfort: f64,
    /// Sensation of cold, 0 to 10; absent when nobody asked.
    cold: Option<f64>,
    /// In the patient's words.
    words: Option<String>,
    /// What to do.
    ask: &'static str,
}

/// When a drug is taken last, and what the rule says.
#[derive(Serialize)]
pub struct HoldView {
    drug: String,
    last_dose_by: Option<Moment>,
    ruling: Ruling,
}

/// A signed step, and where the case stands with it.
#[derive(Serialize, ToSchema)]
pub struct StepTaken {
    /// The step.
    step: SignedStep,
    /// Where the case stands now.
    stage: Stage,
    /// What stands before the next milestone.
    blockers: Vec<Blocker>,
}

/// What a rule says about a case, and who went on in spite of it.
#[derive(Serialize, ToSchema)]
pub struct RulingView {
    /// For which decision it was asked.
    phase: &'static str,
    /// Whether the case may go on.
    may_go_on: bool,
    /// What it says.
    #[schema(value_type = Object)]
    ruling: Ruling,
    /// Every decision to go on.
    #[schema(value_type = Vec<Object>)]
    overrides: Vec<Override>,
}

/// Whether a step would be taken now.
#[derive(Serialize, ToSchema)]
pub struct StepTried {
    /// Whether it would.
    possible: bool,
    /// Why not.
    problem: Option<String>,
    /// Everything that is missing.
    missing: Vec<Missing>,
    /// What the rules say about it.
    #[schema(value_type = Vec<Object>)]
    rulings: Vec<Ruling>,
}

/// Which cases.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StepsAsked {
    /// Only steps after this number.
    pub after_step: Option<u64>,
}

/// The cases, in the order of their opening.
#[utoipa::path(get, path = "/cases", security(("session" = ["list-cases"])), params(PageAsked),
    responses((status = 200, body = Page<ListedCase>)))]
pub async fn list_cases(
    State(state): State<AppState>,
    Query(asked): Query<PageAsked>,
) -> Result<Json<Page<ListedCase>>, Problem> {
    let start = asked.start(state.numbers())?;
    let after = if start.after.is_empty() { None } else { Some(name(&start.after)?) };
    let most = u32::try_from(start.look_for()).unwrap_or(u32::MAX);
    let found = state.cases.list(after, most).await?;
    Ok(Json(start.page(found, |case| case.id.to_string())))
}

/// Opens a case. Its first step is a referral.
#[utoipa::path(post, path = "/cases", security(("session" = ["refer"])), request_body = StepAsked,
    responses((status = 201, body = CaseView, headers(("etag" = String), ("location" = String)))))]
pub async fn open_case(
    State(state): State<AppState>,
    signed: Signed,
    command: Option<Extension<Command>>,
    Body(asked): Body<StepAsked>,
) -> Result<Response, Problem> {
    signed.may(crate::accounts::Permission::Refer)?;
    nothing_of_the_program(&asked.step, "/step")?;
    let wanted = Wanted { command: named(command), ..wanted(&state, &signed, (asked.step, None)) };
    let kept = state.cases.open(wanted).await?;
    let location = format!("/api/v1/cases/{}", kept.id);
    let mut response =
        (StatusCode::CREATED, [(header::LOCATION, location)], tagged(&state, &kept).await?).into_response();
    response.extensions_mut().insert(AboutCase(kept.id.to_string()));
    Ok(response)
}

/// A case as it stands now.
#[utoipa::path(get, path = "/cases/{case}", security(("session" = ["read-case"])), params(("case" = Uuid, Path)),
    responses((status = 200, body = CaseView, headers(("etag" = String)))))]
pub async fn read_case(State(state): State<AppState>, Path(case): Path<String>) -> Result<Response, Problem> {
    let kept = state.cases.read(name(&case)?).await?;
    tagged(&state, &kept).await
}

/// Every signed step, as it was signed.
#[utoipa::path(get, path = "/cases/{case}/steps", security(("session" = ["read-case"])),
    params(("case" = Uuid, Path), StepsAsked), responses((status = 200, body = Vec<SignedStep>, headers(("etag" = String)))))]
pub async fn read_steps(
    State(state): State<AppState>,
    Path(case): Path<String>,
    Query(asked): Query<StepsAsked>,
) -> Result<Response, Problem> {
    let kept = state.cases.read(name(&case)?).await?;
    let after = asked.after_step.unwrap_or(0);
    let steps: Vec<&SignedStep> = kept.case.steps().iter().filter(|step| step.number > after).collect();
    Ok(([(header::ETAG, etag(version(&kept.case)))], Json(steps)).into_response())
}

/// Signs a step. Decisions need `If-Match` with the version of the case that was seen; notes and the log do not.
#[utoipa::path(post, path = "/cases/{case}/steps", security(("session" = [])), request_body = StepAsked,
    params(("case" = Uuid, Path), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 201, body = StepTaken, headers(("etag" = String)))))]
pub async fn sign_step(
    State(state): State<AppState>,
    signed: Signed,
    Path(case): Path<String>,
    IfMatchOptional(seen): IfMatchOptional,
    command: Option<Extension<Command>>,
    Body(asked): Body<StepAsked>,
) -> Result<Response, Problem> {
    let id = name(&case)?;
    may_sign(&state, &signed, (id, &asked.step)).await?;
    nothing_of_the_program(&asked.step, "/step")?;
    if seen.is_none() && seen_needed(asked.step.kind()) {
        return Err(Problem::new(Kind::ConditionNeeded, "read the case first and send its ETag as If-Match"));
    }
    let wanted = Wanted { command: named(command), ..wanted(&state, &signed, (asked.step, seen)) };
    let (kept, step) = state.cases.sign(id, wanted).await?;
    taken(&state, &kept, step).await
}

/// The answer to a step that was taken.
pub async fn taken(state: &AppState, kept: &KeptCase, step: SignedStep) -> Result<Response, Problem> {
    let session = state.cases.of_session(&kept.case).await?;
    let judging = Judging { session: &session, ..state.cases.knowledge().judging(now(state)) };
    let taken = StepTaken { step, stage: kept.case.stage(), blockers: kept.case.blockers(&judging) };
    let tag = [(header::ETAG, etag(version(&kept.case)))];
    Ok((StatusCode::CREATED, tag, Json(taken)).into_response())
}

/// Whether a step would be taken now, and what the rules would say; nothing is kept.
#[utoipa::path(post, path = "/cases/{case}/steps/try", security(("session" = ["read-case"])), request_body = StepAsked,
    params(("case" = Uuid, Path)), responses((status = 200, body = StepTried)))]
pub async fn try_step(
    State(state): State<AppState>,
    signed: Signed,
    Path(case): Path<String>,
    Body(asked): Body<StepAsked>,
) -> Result<Json<StepTried>, Problem> {
    nothing_of_the_program(&asked.step, "/step")?;
    let kept = state.cases.read(name(&case)?).await?;
    if let Err(problem) = may_sign(&state, &signed, (kept.id, &asked.step)).await {
        // Whoever may not sign it hears so, and not what the rules would say to somebody else.
        let problem = Some(problem.detail().to_owned());
        return Ok(Json(StepTried { possible: false, problem, missing: Vec::new(), rulings: Vec::new() }));
    }
    let session = state.cases.of_session(&kept.case).await?;
    let tried = match state.cases.session_is_true(&kept, &asked.step).await {
        Ok(()) => state.cases.tried(&kept.case, (&wanted(&state, &signed, (asked.step, None)), &session)),
        Err(CaseError::Refused(refused)) => Err(refused),
        Err(error) => return Err(error.into()),
    };
    Ok(Json(match tried {
        Ok(step) => StepTried { possible: true, problem: None, missing: Vec::new(), rulings: step.seen },
        Err(refused) => {
            let missing = refused.missing().to_vec();
            StepTried { possible: false, problem: Some(refused.to_string()), missing, rulings: Vec::new() }
        }
    }))
}

/// What every rule says about the case now, and who went on in spite of it.
#[utoipa::path(get, path = "/cases/{case}/rulings", security(("session" = ["read-case"])), params(("case" = Uuid, Path)),
    responses((status = 200, body = Vec<RulingView>)))]
pub async fn read_rulings(
    State(state): State<AppState>,
    Path(case): Path<String>,
) -> Result<Json<Vec<RulingView>>, Problem> {
    let kept = state.cases.read(name(&case)?).await?;
    let session = state.cases.of_session(&kept.case).await?;
    let judging = Judging { session: &session, ..state.cases.knowledge().judging(now(&state)) };
    let rulings = kept.case.every_ruling(&judging);
    Ok(Json(rulings.into_iter().map(ruling_view).collect()))
}

fn ruling_view((phase, ruled): (Phase, Ruled)) -> RulingView {
    RulingView { phase: phase.word(), may_go_on: ruled.may_go_on(), ruling: ruled.ruling, overrides: ruled.overrides }
}

/// Refuses what only the program says: which job computed a plan, and where the numbers of an approved one come from.
fn nothing_of_the_program(step: &Step, at: &str) -> Result<(), Problem> {
    let said = match step {
        Step::Planned(plan) if plan.computed.is_some() => "computed",
        Step::PlanApproved(approval) if approval.numbers.is_some() => "numbers",
        Step::Corrected(correction) => match &correction.instead {
            Some(instead) => return nothing_of_the_program(instead, &format!("{at}/body/instead")),
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    let advice = "found a value, expected none: the server says whether a planning job gave the numbers; leave it out, and send the \
                  job to /cases/{case}/plan where there is one";
    Err(Problem::invalid(format!("{at}/body/{said}"), advice))
}

/// Whether this role may sign this step here. A correction needs what the corrected step needs.
async fn may_sign(state: &AppState, signed: &Signed, (id, step): (Uuid, &Step)) -> Result<(), Problem> {
    signed.may_any(allowed(step.kind()))?;
    let Step::Corrected(correction) = step else { return Ok(()) };
    let kept = state.cases.read(id).await?;
    let target = kept.case.steps().iter().find(|old| old.number == correction.step);
    let Some(target) = target else {
        return Err(Problem::invalid("/step/body/step", "there is no such step; name one that was signed"));
    };
    signed.may_any(allowed(target.step.kind()))
}

/// A case's name out of a path.
pub fn name(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// Now, as steps are timed.
pub fn now(state: &AppState) -> Second {
    Second(state.clock.now_s())
}

/// Who signs.
pub fn signer(signed: &Signed) -> Signer {
    Signer { account: signed.account.clone(), name: signed.display_name.clone(), role: signed.role }
}

/// A step that somebody wants to sign now.
pub fn wanted(state: &AppState, signed: &Signed, (step, seen): (Step, Option<i64>)) -> Wanted {
    let seen = seen.map(|seen| u64::try_from(seen).unwrap_or(0));
    Wanted { step, by: signer(signed), at: now(state), seen, command: None }
}

/// The command of a request that came with a key.
pub fn named(command: Option<Extension<Command>>) -> Option<Uuid> {
    command.map(|Extension(Command(id))| id)
}

/// How many steps a case has, which is its version.
pub fn version(case: &Case) -> i64 {
    i64::try_from(case.steps().len()).unwrap_or(i64::MAX)
}

async fn tagged(state: &AppState, kept: &KeptCase) -> Result<Response, Problem> {
    let session = state.cases.of_session(&kept.case).await?;
    let judging = Judging { session: &session, ..state.cases.knowledge().judging(now(state)) };
    Ok(([(header::ETAG, etag(version(&kept.case)))], Json(view(kept, &judging))).into_response())
}

fn view(kept: &KeptCase, judging: &Judging) -> CaseView {
    let case = &kept.case;
    let hold = |(drug, plan, ruling)| {
        let last_dose_by = match plan {
            frostline_record::rules::HoldPlan::LastDoseBy { at, .. } => Some(at),
            _ => None,
        };
        HoldView { drug, last_dose_by, ruling }
    };
    CaseView {
        listed: ListedCase::of(kept.id, case),
        blockers: case.blockers(judging),
        allergies: case.allergies().into_iter().map(str::to_owned).collect(),
        holds: case.hold_plans(judging).into_iter().map(hold).collect(),
        due: if case.treated_on().is_some() { case.due(judging) } else { Vec::new() },
        anaesthetic_share: case.anaesthetic_share(judging, None).known(),
        plan_numbers: case.plan().map(PlanRecord::numbers),
        pause: case.wants_a_pause(judging).map(|(line, said)| PauseAsked {
            step: line.number,
            discomfort: said.discomfort.score(),
            cold: said.cold.map(|cold| cold.score()),
            words: said.words.clone(),
            ask: "Pause and ask the patient before going on; write down what was said then.",
        }),
    }
}

impl From<CaseError> for Problem {
    fn from(error: CaseError) -> Problem {
        let said = error.to_string();
        match error {
            CaseError::NoSuchCase(_) => Problem::not_found(),
            CaseError::Erased(_) => Problem::new(Kind::Gone, said),
            CaseError::Refused(refused) => refused_problem(&refused),
            CaseError::SomebodyWasFaster { .. } => Problem::new(Kind::Stale, said),
            CaseError::AnothersAttachment(_) => Problem::invalid("/step/body", said),
            CaseError::Append(error) => append_problem(&error),
            CaseError::Broken { .. } | CaseError::Unreadable { .. } | CaseError::Read(_) => Problem::broken(said),
        }
    }
}

fn refused_problem(refused: &frostline_record::case::Refused) -> Problem {
    use frostline_record::case::Refused;
    match refused {
        Refused::Wrong { field, problem, .. } => Problem::invalid(format!("/step/body{field}"), problem.clone()),
        Refused::Unfit { problems, .. } => {
            let fault = |one: &FieldProblem| FieldFault {
                pointer: format!("/step/body{}", one.field),
                detail: one.problem.clone(),
            };
            Problem::all_invalid(problems.iter().map(fault).collect())
        }
        Refused::NotYet { .. } | Refused::Closed { .. } | Refused::SecondReferral => {
            Problem::new(Kind::NotYet, refused.to_string()).with_missing(refused.missing())
        }
        Refused::CorrectsNothing { .. } => Problem::invalid("/step/body/step", refused.to_string()),
        Refused::Override(_) | Refused::NoSuchRuling { .. } => Problem::invalid("/step/body", refused.to_string()),
        Refused::NotSoCorrected { .. } => Problem::invalid("/step/body/instead", refused.to_string()),
        Refused::NoName | Refused::ClockBack { .. } => Problem::new(Kind::Conflict, refused.to_string()),
    }
}

fn append_problem(error: &crate::store::AppendError) -> Problem {
    use crate::store::AppendError;
    match error {
        AppendError::BodyTooLarge { .. } | AppendError::AttachmentMissing(_) => {
            Problem::invalid("/step/body", error.to_string())
        }
        AppendError::CommandReused(_) => Problem::new(Kind::Conflict, error.to_string()),
        _ => Problem::broken(error),
    }
}
