#!/usr/bin/env bash
# A property-based run over the description of the HTTP interface: no server error, no answer that is not described.
# Needs the release build, curl, and schemathesis on the path or in $SCHEMATHESIS.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
schemathesis=${SCHEMATHESIS:-schemathesis}
port=${PORT:-7478}
base="http://127.0.0.1:$port/api/v1"
secret='violet anchor 47 lantern'
./target/release/frostline serve --store "sqlite:$folder/frostline.db" --listen "127.0.0.1:$port" >"$folder/out" 2>"$folder/log" &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 100); do grep -q 'listens on' "$folder/out" && break; sleep 0.1; done
token=$(sed -n 's/.*works once: //p' "$folder/out")

json() { curl -sS --fail-with-body -H 'content-type: application/json' "$@"; }
field() { node -e 'let t="";process.stdin.on("data",d=>t+=d).on("end",()=>console.log(JSON.parse(t)[process.argv[1]]))' "$1"; }
sign_in() { # login: leaves cookie jar and token
    json -c "$folder/$1.jar" -d "{\"login\":\"$1\",\"password\":\"$secret\"}" "$base/session" | field csrf_token
}

json -d "{\"token\":\"$token\",\"login\":\"ada\",\"display_name\":\"Ada Brandt\",\"password\":\"$secret\"}" "$base/first-administrator"
admin=$(sign_in ada)
for role in operator nurse coordinator quality administrator; do
    link=$(json -b "$folder/ada.jar" -H "x-csrf-token: $admin" \
        -d "{\"login\":\"$role\",\"display_name\":\"Dr $role\",\"roles\":[\"$role\"]}" "$base/accounts" | field password_token)
    json -d "{\"token\":\"$link\",\"password\":\"$secret\"}" "$base/password-choice"
done
operator=$(sign_in operator)
referral=$(node -e 'console.log(JSON.stringify({step:JSON.parse(require("fs").readFileSync("examples/pathway/way.json","utf8"))[0].step}))')
case=$(json -b "$folder/operator.jar" -H "x-csrf-token: $operator" -d "$referral" "$base/cases" | field id)
echo "case $case"

roles=${ROLES:-operator nurse coordinator quality administrator}

# Ending one's own session or changing one's own password would end the run.
for role in $roles; do
    csrf=$(sign_in "$role")
    cookie=$(awk '$0 !~ /^# / && NF >= 7 { sub(/^#HttpOnly_/, ""); printf "%s=%s", $6, $7 }' "$folder/$role.jar")
    echo "== as $role"
    "$schemathesis" run "$base/openapi.json" --url "http://127.0.0.1:$port" \
        -H "cookie: $cookie" -H "x-csrf-token: $csrf" --seed 1 --max-examples "${EXAMPLES:-20}" \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        --exclude-path-regex '/session|/password|/second-factor|/first-administrator|/events$' --phases examples,coverage,fuzzing
done

# Every operation that needs a permission, and whether anybody got past the door: one that answered nothing but 403 was not tried.
curl -sS "$base/openapi.json" >"$folder/openapi.json"
./target/release/frostline audit show --store "sqlite:$folder/frostline.db" --last 10000000 --json >"$folder/audit"
node -e '
  const fs = require("fs"), description = JSON.parse(fs.readFileSync(process.argv[1], "utf8")), passed = new Set(), tried = new Set();
  for (const line of fs.readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
    const event = JSON.parse(line), entry = event.body.kept ?? event.body.Kept ?? event.body;
    tried.add(entry.operation);
    if (entry.status !== 403) passed.add(entry.operation);
  }
  const operations = Object.values(description.paths).flatMap(Object.values)
    .filter(one => (one.security ?? []).some(by => (by.session ?? []).length > 0)).map(one => one.operationId);
  const shut = operations.filter(one => !passed.has(one));
  console.log(`${operations.length} operations need a permission, ${operations.length - shut.length} were passed by a role of this run`);
  for (const one of shut) console.log(`  ${one}: ${tried.has(one) ? "403 to every role of this run" : "not tried"}`);
' "$folder/openapi.json" "$folder/audit"
if grep -q '"level":"ERROR"' "$folder/log"; then grep '"level":"ERROR"' "$folder/log" | head; exit 1; fi
