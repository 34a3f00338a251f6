"""The vectors themselves: current, in the form that the schema says, and honest about their number."""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import providers
import pytest
import senders

HERE = pathlib.Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*.json") if not path.name.endswith(".schema.json"))
CATALOGUE = HERE.parents[1] / "core/src/scheme"
SCHEMA = json.loads((HERE / "vector.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("generator", ["explain.py", "generate.py", "handshakes.py"])
def test_files_are_what_the_generator_writes(generator):
    done = subprocess.run([sys.executable, HERE / generator, "--check"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_every_operation_has_vectors():
    operations = {json.loads(path.read_text(encoding="utf-8"))["operation"] for path in FILES}
    assert operations == set(SCHEMA["properties"]["operation"]["enum"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_fits_the_schema(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    tests = [test for group in document["testGroups"] for test in group["tests"]]
    assert [test["tcId"] for test in tests] == list(range(1, document["numberOfTests"] + 1))
    assert {flag for test in tests for flag in test["flags"]} <= set(document["notes"])


PAYLOADS = HERE / "payloads"
SCHEMAS = sorted((HERE.parent.parent / "schemas").glob("*.json"))


def fits(schema, instance):
    document = json.loads((HERE.parent.parent / "schemas" / f"{schema}.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(document).is_valid(instance)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schema_is_a_schema(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(document)
    assert {"$id", "$schema", "description", "title"} <= set(document)
    assert document["$id"].endswith(path.name)


def test_envelopes_fit_their_schemas():
    tests = json.loads((PAYLOADS / "envelopes.json").read_text(encoding="utf-8"))["tests"]
    assert tests
    for test in tests:
        expected = test["result"] == "valid" or test.get("fitsSchema", False)
        assert fits(test["schema"], json.loads(test["body"])) is expected, test["comment"]


def test_cloudevents_fit_their_schema():
    valid = json.loads((PAYLOADS / "cloudevents.json").read_text(encoding="utf-8"))["valid"]
    events = [json.loads(test["structured"]["body"]) for test in valid]
    assert events
    for event in events:
        assert fits("cloudevents", event), event
        assert not fits("cloudevents", {**event, "specversion": "0.3"})
        assert not fits("cloudevents", {**event, "some_extension": "x"})
        assert not fits("cloudevents", {**event, "extension": {}})
        assert not fits("cloudevents", {**event, "data": 1, "data_base64": "AA=="})
    assert fits("cloudevents-batch", events)
    assert not fits("cloudevents-batch", events[0])


def test_every_scheme_has_a_delivery():
    text = "".join(path.read_text(encoding="utf-8") for path in CATALOGUE.glob("catalogue.json*"))
    schemes = re.findall(r'^\s*\{?\s*"id": ?"([^"]+)"', text, re.MULTILINE)
    assert len(schemes) > 100
    assert set(schemes) <= {delivery.scheme for delivery in providers.deliveries()}


def test_the_senders_written_here_sign_every_delivery_alike():
    known = {*senders.IN_BODY, *senders.IN_HEADER}
    judged = [delivery for delivery in providers.deliveries() if delivery.scheme in known]
    assert {delivery.scheme for delivery in judged} == known
    for delivery in judged:
        assert senders.sign(delivery) == delivery, f"{delivery.scheme}: {delivery.comment}"


def scheme_schema():
    document = json.loads((HERE.parent.parent / "schemas/scheme.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(document)


def test_every_scheme_fits_the_schema():
    schema = scheme_schema()
    for line in (CATALOGUE / "catalogue.jsonl").read_text(encoding="utf-8").splitlines():
        problems = [f"{error.json_path}: {error.message}" for error in schema.iter_errors(json.loads(line))]
        assert not problems, (line[:40], problems)


# Well-formed: each field is as it should be, only together they make no sense.
SENSELESS = {
    "a bare hash without the secret",
    "a signature as text",
    "a timestamp that may be left out in one place",
    "a timestamp that may be left out, and is not",
    "a timestamp that may be left out, in a body of any type",
    "a timestamp that nothing gives",
    "an alias of nothing",
    "an HMAC with the secret",
    "an unsigned body, unsaid",
    "an unsigned timestamp",
    "no body in the content",
    "one separator for two",
    "two values in one header",
}


def test_schemes_that_are_not_well_formed_do_not_fit_the_schema():
    schema = scheme_schema()
    file = json.loads((HERE / "construct.json").read_text(encoding="utf-8"))
    tests = [test for group in file["testGroups"] for test in group["tests"] if isinstance(test["scheme"], dict)]
    valid = [test for test in tests if test.get("code") != "invalid_scheme"]
    fitting = {test["comment"] for test in tests if schema.is_valid(test["scheme"])}
    assert fitting == SENSELESS | {test["comment"] for test in valid}


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": {"from": "json:/v", "map": {"1": "rot13"}}},
        {"config": {"account": {}}},
        {"event_id": "json:id"},
        {"event_type": "cookie:a"},
        {"handshake": {"match": {"json:/type": {"chars": "a-z", "maximum": 3}}, "respond": {"status": 200}}},
        {"handshake": {"match": {"body": "x"}, "respond": {"status": 200}}},
        {"handshake": {"respond": {"status": 302}}},
        {"jwt": {"algorithms": ["none"]}},
        {"jwt": {"algorithms": []}},
        {"key": {"encoding": "base32"}},
        {"key_source": {"url": "http://example.com", "format": "pem"}},
        {"key_source": {"url": "json:/url", "hosts": ["com"], "format": "pem"}},
        {"require": {"x-version": "1"}},
        {"signature": {"from": [], "encoding": "hex"}},
        {"signed_content": "[[{timestamp}]{body}"},
        {"signed_content": "{canonical:mine}"},
        {"signed_content": "{claim:/sub}"},
        {"timestamp": {"from": "header:x", "unit": "minutes"}},
    ],
    ids=json.dumps,
)
def test_mistakes_in_a_scheme_do_not_fit_the_schema(change):
    scheme = {"id": "acme", "signature": {"from": "header:x-acme", "encoding": "hex"}, "signed_content": "{body}"}
    assert scheme_schema().is_valid(scheme)
    assert not scheme_schema().is_valid({**scheme, **change})
