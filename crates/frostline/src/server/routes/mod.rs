//! The routes of accounts, sessions, audit and patients' access. Those of cases are in `cases.rs` and, for patients, `own_case.rs`.

mod accounts;
mod attachments;
mod audit;
pub(super) mod cases;
mod coding;
mod day;
mod documents;
mod emergency;
mod feeds;
mod follow_up;
mod health;
mod invitations;
mod jobs;
mod openid;
mod outcomes;
mod own_account;
mod own_case;
mod patient;
mod planned;
mod practice;
mod session;
mod waiting;
mod words;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::router::UtoipaMethodRouterExt;
use utoipa_axum::routes;

use super::state::AppState;

/// All of them, without the prefix `/api/v1`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health::health))
        .routes(routes!(session::create_first_administrator))
        .routes(routes!(session::sign_in, session::my_session, session::sign_out))
        .routes(routes!(session::choose_role))
        .routes(routes!(session::my_sessions))
        .routes(routes!(session::end_my_session))
        .routes(routes!(openid::ways_in))
        .routes(routes!(openid::start_openid))
        .routes(routes!(openid::openid_callback))
        .routes(routes!(openid::openid_sign_out))
        .routes(routes!(openid::read_identity, openid::link_identity, openid::unlink_identity))
        .routes(routes!(own_account::change_password))
        .routes(routes!(own_account::choose_password))
        .routes(routes!(own_account::begin_second_factor, own_account::finish_second_factor))
        .routes(routes!(own_account::remove_second_factor))
        .routes(routes!(accounts::list_accounts, accounts::create_account))
        .routes(routes!(accounts::read_account, accounts::change_account))
        .routes(routes!(accounts::new_password_link))
        .routes(routes!(accounts::reset_second_factor))
        .routes(routes!(accounts::end_sessions))
        .routes(routes!(audit::read_audit))
        .routes(routes!(emergency::open_in_emergency))
        .routes(routes!(emergency::list_emergencies))
        .routes(routes!(emergency::review_emergency))
        .routes(routes!(jobs::list_jobs, jobs::start_job))
        .routes(routes!(jobs::read_job, jobs::cancel_job))
        .routes(routes!(jobs::follow_job))
        .routes(routes!(invitations::list_invitations, invitations::invite_patient))
        .routes(routes!(invitations::withdraw_invitation))
        .routes(routes!(cases::list_cases, cases::open_case))
        .routes(routes!(cases::read_case))
        .routes(routes!(cases::read_steps, cases::sign_step))
        .routes(routes!(cases::try_step))
        .routes(routes!(cases::read_rulings))
        .routes(routes!(planned::plan_from_job))
        .routes(routes!(coding::read_coding))
        .routes(routes!(follow_up::read_questionnaires))
        .routes(routes!(follow_up::answer_for))
        .routes(routes!(outcomes::read_outcome))
        .routes(routes!(outcomes::read_events))
        .routes(routes!(outcomes::read_cohort))
        .routes(routes!(day::book_case))
        .routes(routes!(day::tell_booking))
        .routes(routes!(day::use_stock))
        .routes(routes!(practice::read_practice))
        .routes(
            routes!(practice::replace_resources).layer(axum::extract::DefaultBodyLimit::max(practice::LARGEST_SITE)),
        )
        .routes(routes!(practice::book))
        .routes(routes!(practice::move_booking))
        .routes(routes!(practice::cancel_booking))
        .routes(routes!(practice::calendar_of_person))
        .routes(routes!(practice::calendar_of_room))
        .routes(routes!(feeds::list_feeds, feeds::make_feed))
        .routes(routes!(feeds::end_feed))
        .routes(routes!(feeds::read_feed))
        .routes(routes!(practice::worklist))
        .routes(routes!(waiting::waiting_list, waiting::put_on_list))
        .routes(routes!(waiting::whom_to_ask))
        .routes(routes!(waiting::take_off_list))
        .routes(routes!(waiting::offer_time))
        .routes(routes!(attachments::keep_attachment).layer(axum::extract::DefaultBodyLimit::disable()))
        .routes(routes!(attachments::read_attachment))
        .routes(routes!(documents::read_document))
        .routes(routes!(documents::read_own_document))
        .routes(routes!(own_case::read_own_case))
        .routes(routes!(own_case::say_goal))
        .routes(routes!(follow_up::read_own_questionnaires))
        .routes(routes!(follow_up::answer))
        .routes(routes!(patient::patient_sign_in, patient::patient_session, patient::patient_sign_out))
}
