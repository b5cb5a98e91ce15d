#!/usr/bin/env bash
# A property-based run over the description of the HTTP interface, as every role: no server error, no answer that is not
# described, and every operation answered with success to somebody who may.
# Needs the release build, curl, Node, and schemathesis on the path or in $SCHEMATHESIS.
# ROLES: which roles; EXAMPLES: how many made-up requests for each operation and phase; KEEP: a folder to keep the logs in;
# CROWD: how many people of one role ask in turn, because the server lets each make ten requests a second and answers 429 to the
# rest; RATE: at most so many requests of all of them together, below what one address may make.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
schemathesis=${SCHEMATHESIS:-schemathesis}
port=${PORT:-7478}
base="http://127.0.0.1:$port/api/v1"
secret='violet anchor 47 lantern'
program=${PROGRAM:-./target/release/frostline}
store="sqlite:$folder/frostline.db"
# An identity provider that says where it is and has no key: enough to be sent to, not to come back from.
node -e '
  const server = require("http").createServer((asked, answer) => {
    const issuer = `http://${asked.headers.host}`;
    const one = { issuer, authorization_endpoint: `${issuer}/authorise`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`,
      end_session_endpoint: `${issuer}/out`, response_types_supported: ["code"], subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"] };
    answer.setHeader("content-type", "application/json");
    answer.statusCode = asked.method === "GET" ? 200 : 400;
    answer.end(JSON.stringify(asked.url.endsWith("openid-configuration") ? one : asked.method === "GET" ? { keys: [] } : { error: "invalid_grant" }));
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
' >"$folder/provider" &
provider=$!
trap 'kill $provider 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 100); do [ -s "$folder/provider" ] && break; sleep 0.1; done
cat >"$folder/sign-in.toml" <<EOF
[openid]
issuer = "http://127.0.0.1:$(cat "$folder/provider")"
client_id = "frostline"
callback = "http://127.0.0.1:$port/api/v1/openid/callback"
EOF
"$program" serve --store "$store" --listen "127.0.0.1:$port" --work 1 --sign-in "$folder/sign-in.toml" >"$folder/out" 2>"$folder/log" &
server=$!
trap 'kill $server $provider 2>/dev/null || true; [ -z "${KEEP:-}" ] || cp "$folder/log" "$folder/audit" "$KEEP/" 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 100); do grep -q 'listens on' "$folder/out" && break; sleep 0.1; done
token=$(sed -n 's/.*works once: //p' "$folder/out")

json() { curl -sS --fail-with-body -H 'content-type: application/json' "$@"; }
field() { node -e 'let t="";process.stdin.on("data",d=>t+=d).on("end",()=>console.log(process.argv[1].split(".").reduce((v,k)=>v[k],JSON.parse(t))))' "$1"; }
sign_in() { # login: leaves cookie jar and token
    json -c "$folder/$1.jar" -d "{\"login\":\"$1\",\"password\":\"$secret\"}" "$base/session" | tee "$folder/$1.session" | field csrf_token >"$folder/$1.csrf"
}
as() { # login, then what curl takes
    local who=$1
    shift
    json -b "$folder/$who.jar" -H "x-csrf-token: $(cat "$folder/$who.csrf")" "$@"
}

look() { # login, then paths
    local who=$1 path
    shift
    for path in "$@"; do curl -sS --fail-with-body -b "$folder/$who.jar" "$base$path" -o /dev/null; done
}

# One person for each role, one that nobody signs in as, and two patients.
staff='operator anaesthesia nurse technologist coordinator coder quality administrator'
json -d "{\"token\":\"$token\",\"login\":\"ada\",\"display_name\":\"Ada Brandt\",\"password\":\"$secret\"}" "$base/first-administrator"
sign_in ada
for role in $staff spare; do
    roles=${role/spare/nurse}
    made=$(as ada -d "{\"login\":\"$role\",\"display_name\":\"Dr $role\",\"roles\":[\"$roles\"]}" "$base/accounts")
    spare=$(field account.id <<<"$made")
    json -d "{\"token\":\"$(field password_token <<<"$made")\",\"password\":\"$secret\"}" "$base/password-choice"
done
for role in $staff; do sign_in "$role"; done

# Things that are really there, so that operations about one thing find one.
referral=$(node -e 'console.log(JSON.stringify({step:JSON.parse(require("fs").readFileSync("examples/pathway/way.json","utf8"))[0].step}))')
case=$(as operator -d "$referral" "$base/cases" | field id)
printf 'a note about a picture' >"$folder/note.txt"
attachment=$(curl -sS --fail-with-body -b "$folder/operator.jar" -H "x-csrf-token: $(cat "$folder/operator.csrf")" \
    -H 'content-type: application/octet-stream' --data-binary "@$folder/note.txt" "$base/cases/$case/attachments" | field id)
as operator -d "{\"step\":{\"kind\":\"noted\",\"body\":\"$attachment\"}}" "$base/cases/$case/steps" >/dev/null
as operator -d '{"step":{"kind":"noted","body":"tried"}}' "$base/cases/$case/steps/try" >/dev/null
invited() { as nurse -d '{"factor":"code"}' "$base/cases/$case/invitations"; }
invitation=$(invited | field invitation.id)
access=$(as nurse -d '{"reason":"the patient collapsed in recovery"}' "$base/cases/$case/emergency-access" | field id)
as quality -X POST "$base/emergency-access/$access/review"
access=$(as nurse -d '{"reason":"the patient collapsed in recovery"}' "$base/cases/$case/emergency-access" | field id)

# A second case comes as far as a plan that a job computed, and a third to its booking and through its day.
step() { node -e 'console.log(JSON.stringify({step:JSON.parse(require("fs").readFileSync("examples/pathway/way.json","utf8"))[process.argv[1]].step}))' "$1"; }
opened() { as operator -d "$(step 0)" "$base/cases" | field id; }
signed() { as "$3" -H "if-match: \"$2\"" -d "$(step "$4")" "$base/cases/$1/steps" >/dev/null; } # case, version, who, which step of the way
planned=$(opened)
signed "$planned" 1 operator 2
signed "$planned" 2 technologist 8
asked() { node -e '
  const file = require("fs").readFileSync("crates/frostline/tests/jobs/sural.toml", "utf8").replace("side = \"right\"", "side = \"left\"");
  console.log(JSON.stringify({ case: process.argv[1], work: { [process.argv[2]]: { case_file: file } } }));
' "$planned" "$1"; }
# Many worlds take minutes, so this one is stopped on its way.
stopped=$(asked robust | as technologist -d @- "$base/jobs" | field id)
as technologist -X DELETE "$base/jobs/$stopped" >/dev/null
job=$(asked plan | as operator -d @- "$base/jobs" | field id)
curl -sS --fail-with-body --max-time 300 -b "$folder/operator.jar" "$base/jobs/$job/events" -o /dev/null
as operator -H 'if-match: "3"' -d "{\"job\":\"$job\"}" "$base/cases/$planned/plan" >/dev/null
site=$(curl -sS -D "$folder/head" -b "$folder/nurse.jar" "$base/site")
tag=$(tr -d '\r' <"$folder/head" | sed -n 's/^etag: //Ip')
day=2040-01-09
hours="{\"from\":\"${day}T07:00Z\",\"until\":\"${day}T18:00Z\"}"
person() { printf '{"id":"%s","roles":["%s"],"credentials":[{"credential":"%s"}],"shifts":[%s]}' "$1" "$2" "$3" "$hours"; }
as nurse -X PUT -H "if-match: $tag" "$base/site/resources" -o /dev/null -d "{
    \"rooms\":[{\"id\":\"room-1\",\"guidance\":[\"ultrasound\"],\"sedation\":\"none\",\"capnography\":false,\"gases\":[\"n2o\"],
        \"openings\":[{\"day\":\"$day\",\"span\":$hours}]}],
    \"people\":[$(person op-1 operator pain-medicine),$(person nu-1 nurse nursing),$(person te-1 technologist sonography)],
    \"probes\":[{\"model\":\"n2o-1.3\",\"lot\":\"L1\",\"sterile_until\":\"2041-01-01\",\"count\":5,\"usable\":\"free\"}],
    \"gas\":[{\"id\":\"g-1\",\"gas\":\"n2o\",\"pressure_bar\":50,\"cycles_left\":40,\"tested_until\":\"2041-01-01\",\"usable\":\"free\"}],
    \"bays\":[{\"id\":\"bay-1\",\"openings\":[$hours]}]}"
as nurse "$base/site/bookings" -o /dev/null -d "{\"id\":\"b-1\",\"case\":\"$case\",\"start\":\"${day}T09:00Z\",\"room\":\"any\",
    \"people\":[],\"clearance\":\"awaiting\",\"needs\":{\"guidance\":\"ultrasound\",\"sedation\":\"local-only\",\"room_minutes\":60,
    \"turnover_minutes\":10,\"recovery_minutes\":30,\"probes\":[{\"model\":\"n2o-1.3\",\"count\":1}],\"gas\":\"n2o\",\"gas_cycles\":3}}"
as coordinator -d "{\"start\":\"${day}T11:00Z\"}" "$base/site/bookings/b-1/move" -o /dev/null
as nurse -d '{"reason":"patient-reason"}' "$base/site/bookings/b-1/cancel" -o /dev/null
needs='"needs":{"guidance":"ultrasound","sedation":"local-only","room_minutes":60,"turnover_minutes":10,"recovery_minutes":30,
    "probes":[{"model":"n2o-1.3","count":1}],"gas":"n2o","gas_cycles":3}'
waiting=$(opened)
as coordinator "$base/site/waiting" -o /dev/null -d "{\"case\":\"$waiting\",\"priority\":\"soon\",\"not_before\":\"${day}T08:00Z\",
    $needs,\"people\":[],\"clearance\":\"cleared\"}"
look coordinator /site/waiting "/site/waiting/offers?from=${day}T10:00Z&until=${day}T12:00Z"
as coordinator -d "{\"start\":\"${day}T10:00Z\"}" "$base/site/waiting/$waiting/offer" -o /dev/null
booked=$(opened)
signed "$booked" 1 operator 2
as coordinator -H 'if-match: "2"' "$base/cases/$booked/booking" -o /dev/null -d "{\"id\":\"b-2\",\"start\":\"${day}T14:00Z\",\"room\":\"any\",
    $needs,\"people\":[],\"clearance\":\"cleared\"}"
told() { as "$2" -d "{\"state\":\"$1\"}" "$base/site/bookings/b-2/state" -o /dev/null; }
told arrived coordinator
told in-procedure nurse
as technologist -d '{"probes":[{"model":"n2o-1.3","lot":"L1","count":1}],"gas":[["g-1",2]]}' "$base/site/bookings/b-2/used" -o /dev/null
told discharged nurse
as coordinator -d '{"reason":"patient-reason"}' "$base/site/waiting/$waiting/leave" -o /dev/null
as coordinator "$base/site/waiting" -o /dev/null -d "{\"case\":\"$case\",\"priority\":\"soon\",\"not_before\":\"${day}T08:00Z\",
    $needs,\"people\":[],\"clearance\":\"cleared\"}"
as administrator -X PUT -d '{"subject":"7c9"}' "$base/accounts/$spare/openid" >/dev/null
look administrator "/accounts/$spare/openid"
as administrator -X DELETE "$base/accounts/$spare/openid"
account_tag=$(curl -sS -D - -o "$folder/account" -b "$folder/administrator.jar" "$base/accounts/$spare" | tr -d '\r' | sed -n 's/^etag: //Ip')
as administrator -X PATCH -H "if-match: $account_tag" -d '{"display_name":"Dr Spare"}' "$base/accounts/$spare" >/dev/null
sign_in spare
authenticator=$(as spare -d "{\"password\":\"$secret\"}" "$base/second-factor" | field secret)
code=$(node -e '
  const digits = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"];
  const bits = [...process.argv[1]].map(letter => digits.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const tag = require("crypto").createHmac("sha1", key).update(step).digest();
  console.log(String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1e6).padStart(6, "0"));
' "$authenticator")
as spare -X PUT -d "{\"code\":\"$code\"}" "$base/second-factor" >/dev/null
as administrator -X DELETE "$base/accounts/$spare/second-factor"
as administrator -X POST "$base/accounts/$spare/password-link" >/dev/null
as administrator -X DELETE "$base/accounts/$spare/sessions"
withdrawn=$(invited | field invitation.id)
as nurse -X DELETE "$base/cases/$case/invitations/$withdrawn"
look administrator /accounts "/accounts/$spare"
look quality /audit /emergency-access '/quality/cohort?nerve=sural&from=2039-01-01&until=2041-01-01'
feed=$(as coordinator -d '{"person":"op-1"}' "$base/site/feeds")
curl -sS --fail-with-body "http://127.0.0.1:$port$(field address <<<"$feed")" -o /dev/null
look coordinator /site/feeds
as coordinator -X DELETE "$base/site/feeds/$(field link.id <<<"$feed")"
look operator /cases "/cases/$case" "/cases/$case/rulings" "/cases/$case/coding" "/cases/$case/questionnaires" \
    "/cases/$case/outcome" "/cases/$case/events" "/cases/$case/steps" "/cases/$case/documents/leaflet" \
    "/cases/$case/attachments/$attachment" /jobs "/jobs/$job" /site /worklist
look nurse "/cases/$case/invitations" /site/people/op-1/calendar /site/rooms/room-1/calendar
echo "case $case"

# The patient's own browser.
made=$(invited)
json -c "$folder/patient.jar" -d "{\"token\":\"$(field token <<<"$made")\",\"factor\":\"$(field code <<<"$made")\"}" "$base/patient/session" |
    field csrf_token >"$folder/patient.csrf"
as patient -d '{"words":"walk to the market"}' "$base/patient/goal" >/dev/null
look patient /patient/case /patient/questionnaires /patient/session /patient/documents/leaflet
made=$(invited)
json -c "$folder/leaving.jar" -d "{\"token\":\"$(field token <<<"$made")\",\"factor\":\"$(field code <<<"$made")\"}" "$base/patient/session" |
    field csrf_token >"$folder/leaving.csrf"
as leaving -X DELETE "$base/patient/session"

# Two of three names in a path are of things that are there; the third is made up.
{
    entry() { # variable, then values
        local name=$1
        shift
        printf '[dictionaries.%s]\nvalues = [%s]\n' "$name" "$(printf '"%s",' "$@")"
    }
    entry case "$case" "$planned" "$booked"
    entry attachment "$attachment"
    entry invitation "$invitation"
    entry access "$access"
    entry job "$job" "$stopped"
    entry account "$spare"
    entry document leaflet consent preparation plan-report procedure-report discharge letter claim
    entry person op-1
    entry room room-1
    entry booking b-1 b-2
    printf '[parameters]\n'
    for name in case attachment invitation access job account document person room booking; do
        printf '"path.%s" = { dictionary = "%s", probability = 0.67 }\n' "$name" "$name"
    done
} >"$folder/schemathesis.toml"

# People of one role who ask in turn, one to a line: their cookie and their token.
person_of() { # jar, token
    printf '{"cookie":"%s","x-csrf-token":"%s"}\n' "$(awk '{ sub(/^#HttpOnly_/, "") } !/^#/ && NF >= 7 { printf "%s=%s", $6, $7 }' "$folder/$1.jar")" "$(cat "$folder/$1.csrf")"
}
crowd() { # role
    local role=$1 one made
    [ "$role" = patient ] || sign_in "$role"
    person_of "$role"
    for one in $(seq 2 "${CROWD:-16}"); do
        if [ "$role" = patient ]; then
            made=$(invited)
            json -c "$folder/$role-$one.jar" -d "{\"token\":\"$(field token <<<"$made")\",\"factor\":\"$(field code <<<"$made")\"}" "$base/patient/session" |
                field csrf_token >"$folder/$role-$one.csrf"
        else
            made=$(as ada -d "{\"login\":\"$role-$one\",\"display_name\":\"Dr $role $one\",\"roles\":[\"$role\"]}" "$base/accounts")
            json -d "{\"token\":\"$(field password_token <<<"$made")\",\"password\":\"$secret\"}" "$base/password-choice"
            sign_in "$role-$one"
        fi
        person_of "$role-$one"
    done
}

# Ending one's own session or changing one's own password would end the run.
failed=0
for role in ${ROLES:-$staff patient}; do
    crowd "$role" >"$folder/crowd"
    echo "== as $role"
    FROSTLINE_CROWD="$folder/crowd" SCHEMATHESIS_HOOKS=in_turn PYTHONPATH=.ci "$schemathesis" --config-file "$folder/schemathesis.toml" run "$base/openapi.json" --url "http://127.0.0.1:$port" \
        --seed 1 --max-examples "${EXAMPLES:-20}" --rate-limit "${RATE:-150/s}" \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        --exclude-path-regex '/session|/password|/second-factor|/first-administrator|/jobs/.*/events$' --phases examples,coverage,fuzzing ||
        failed=1
done

# Every operation that needs a permission, and whether anybody was answered with success: what met nothing but refusals was
# not tried. Answers to a questionnaire need a patient who was treated and went home; server/tests carries them to their end.
curl -sS "$base/openapi.json" >"$folder/openapi.json"
"$program" audit show --store "$store" --last 10000000 --json >"$folder/audit"
node -e '
  const fs = require("fs"), description = JSON.parse(fs.readFileSync(process.argv[1], "utf8"));
  const elsewhere = new Set(process.argv[3].split(" "));
  const met = new Map();
  for (const line of fs.readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
    const event = JSON.parse(line), entry = event.body.kept ?? event.body.Kept ?? event.body;
    if (!met.has(entry.operation)) met.set(entry.operation, new Map());
    const answers = met.get(entry.operation);
    answers.set(entry.status, (answers.get(entry.status) ?? 0) + 1);
  }
  const needs = one => (one.security ?? []).some(by => Object.values(by).some(words => words.length > 0));
  const operations = Object.values(description.paths).flatMap(Object.values).filter(needs).map(one => one.operationId);
  const well = one => [...(met.get(one) ?? new Map()).keys()].some(status => status < 400);
  const left = operations.filter(one => !well(one));
  console.log(`${operations.length} operations need a permission, ${operations.length - left.length} were answered with success to somebody`);
  for (const one of left) {
    const answers = [...(met.get(one) ?? new Map())].map(([status, times]) => `${status} ${times} times`).join(", ") || "not tried";
    console.log(`  ${one}: ${answers}${elsewhere.has(one) ? " (carried out by its own test)" : ""}`);
  }
  if (left.some(one => !elsewhere.has(one))) process.exitCode = 1;
' "$folder/openapi.json" "$folder/audit" "${ELSEWHERE:-answer answer_for}" || failed=1
echo "$(grep -c '"status":429' "$folder/log" || true) requests were too many"
if grep -q '"level":"ERROR"' "$folder/log"; then grep '"level":"ERROR"' "$folder/log" | head; exit 1; fi
exit $failed
