//! `frostline worklist` over a store that nobody serves.

use std::process::{Command, Output};

use frostline::cases::{Cases, Knowledge, Wanted};
use frostline::store::{Store, StoreSetting};
use frostline_record::case::{Second, Signer};
use frostline_record::rules::Role;
use serde_json::Value;

fn worklist(setting: &str, role: &str) -> Output {
    let arguments = ["worklist", "--store", setting, "--role", role, "--date", "2026-03-24", "--count"];
    Command::new(env!("CARGO_BIN_EXE_frostline")).args(arguments).output().unwrap()
}

#[tokio::test]
async fn the_list_of_a_day_is_printed_from_the_store_and_no_case_is_read_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let setting = format!("sqlite:{}", folder.path().join("frostline.db").display());
    let store = Store::open(StoreSetting::new(setting.parse().unwrap(), None)).await.unwrap();
    let cases = Cases::new(store.clone(), Knowledge::bundled("UTC").unwrap());
    let way: Vec<Value> = serde_json::from_str(include_str!("../../../../examples/pathway/way.json")).unwrap();
    let step = serde_json::from_value(way[0]["step"].clone()).unwrap();
    let by = Signer { account: "a".into(), name: "Clara Ortiz".into(), role: Role::Coordinator };
    let at = "2026-03-02T09:10:00Z".parse::<Second>().unwrap();
    let opened = cases.open(Wanted { step, by, at, seen: None, command: None }).await.unwrap();
    store.close().await;

    let list = worklist(&setting, "operator");
    let (text, said) = (String::from_utf8(list.stdout).unwrap(), String::from_utf8(list.stderr).unwrap());
    assert_eq!(list.status.code(), Some(0), "{said}");
    assert!(text.contains(&opened.id.to_string()) && text.contains("ask what the patient wants to reach"), "{text}");
    assert!(text.lines().all(|line| line.starts_with("later  2026-03-02 09:10")), "{text}");
    assert!(said.ends_with("1 cases looked at, 0 read\n"), "{said}");
    let nobody = worklist(&setting, "patient");
    assert_eq!(nobody.status.code(), Some(2));
    assert!(String::from_utf8(nobody.stderr).unwrap().contains("found 'patient', expected operator"));
}
