//! The interface from outside: requests in, answers out, nothing in between is touched.

mod accounts;
mod asvs;
mod audit;
mod cases;
mod clinic;
mod documents;
mod erased;
mod every_route;
mod follow_up;
mod guarded;
mod jobs;
mod linked;
mod log;
mod openid;
mod patients;
mod planned;
mod practice;
mod problems;
mod sessions;
mod theirs;
mod twice;
mod worklist;
