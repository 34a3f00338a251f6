/**
 * Runs the conformance vectors of `tests/vectors` against the package, in any JavaScript runtime: nothing here belongs
 * to Node.
 */

/** Every vector as `{ name, run }`; `run` throws when the package decides otherwise. */
export function* cases(api, files) {
  for (const [file, { operation, numberOfTests, testGroups }] of Object.entries(files)) {
    const judge = OPERATIONS[operation];
    if (!judge) throw new Error(`${file}: unknown operation \`${operation}\``);
    const count = testGroups.reduce((sum, group) => sum + group.tests.length, 0);
    if (count === 0 || count !== numberOfTests) throw new Error(`${file}: ${count} tests, ${numberOfTests} announced`);
    if (operation === "errors") {
      const rows = testGroups.flatMap((group) =>
        group.tests.map(({ code, httpStatus, hint }) => ({ code, httpStatus, hint })),
      );
      const table = () => api.errorCodes().map(({ code, httpStatus, hint }) => ({ code, httpStatus, hint }));
      yield { name: `${file} table`, run: () => equal(table(), rows) };
    }
    for (const group of testGroups) {
      for (const test of group.tests) {
        yield { name: `${file} ${test.tcId} ${test.comment}`, run: () => check(api, judge, group, test) };
      }
    }
  }
}

/** Runs all of them; for runtimes without a test runner. */
export function runAll(api, files) {
  const failures = [];
  let passed = 0;
  for (const { name, run } of cases(api, files)) {
    try {
      run();
      passed += 1;
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
    }
  }
  return { passed, failures };
}

const OPERATIONS = {
  verify: (api, group, test) => {
    const { id, type, timestamp, keyIndex, body } = webhook(api, group).verify(bodyOf(test), test.headers, {
      method: test.method,
      url: test.url,
      now: test.nowMs,
    });
    equal([...body], [...bytesOf(test)]);
    equal({ id, type, timestampMs: timestamp && timestamp.getTime(), keyIndex }, test.expected);
  },
  sign: (api, group, test) => {
    const hook = webhook(api, group);
    equal(hook.sign({ id: test.id, type: test.type, body: bodyOf(test) }, { now: test.nowMs }), test.headers);
    if (test.signedBodyBase64) equal(base64(hook.signBody(bodyOf(test))), test.signedBodyBase64);
  },
  construct: (api, _group, test) => void webhook(api, test),
  handshake: (api, group, test) => {
    const { headers, method, url, nowMs: now } = test;
    const { scheme, secrets, config } = group;
    const answer =
      secrets.length === 0
        ? api.handshake(scheme, bodyOf(test), headers, { method, url, config })
        : webhook(api, group).handshake(bodyOf(test), headers, { method, url, now });
    equal(answer && { ...answer, body: answer.body ?? "" }, test.response);
  },
  explain: (api, group, test) => {
    const { headers, method, url, nowMs: now } = test;
    const { scheme, secrets, config, toleranceSeconds: tolerance } = group;
    const options = { method, url, now, config, tolerance };
    const { verified, error, findings } = api.explain(scheme, secrets, bodyOf(test), headers, options);
    equal(findings.map(({ cause, certain }) => [cause, certain]), test.findings);
    equal(verified, error === null);
    if (error) throw error;
  },
  helper: (api, _group, test) => {
    equal(api.verifyWebhookSignature(test.secret, bodyOf(test), test.header), test.result === "valid");
  },
  retry: (api, group, test) => {
    const policy = policyOf(api, group);
    const { firstAttemptMs: firstAttemptAt, nowMs: now, ...attempt } = test;
    const { at, delayMs, ...decision } = policy.next({ ...attempt, firstAttemptAt, now });
    equal(at ? { ...decision, atMs: at.getTime() } : decision, test.decision);
    if (at) equal(delayMs, at.getTime() - now);
  },
  errors: (api, _group, test) => {
    const { code, hint, status } = new api.WebhookError(test.code, "");
    equal({ code, hint, status }, { code: test.code, hint: test.hint, status: test.httpStatus });
  },
};

function check(api, judge, group, test) {
  if (test.code === undefined || judge === OPERATIONS.errors) return judge(api, group, test);
  let thrown;
  try {
    judge(api, group, test);
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof api.WebhookError)) throw thrown ?? new Error(`nothing was thrown, expected ${test.code}`);
  equal(thrown.code, test.code);
}

function policyOf({ RetryPolicy }, { profile, preset, policy }) {
  if (profile !== undefined) return RetryPolicy.profile(profile);
  return preset === undefined ? RetryPolicy.from(policy) : RetryPolicy.preset(preset);
}

function webhook(api, { scheme, secrets, config, toleranceSeconds: tolerance }) {
  return new api.Webhook(scheme, secrets, { config, tolerance });
}

/** Text as a string, bytes as bytes: both ways in are used. */
function bodyOf(test) {
  return test.bodyBase64 === undefined ? test.body : bytesOf(test);
}

function bytesOf({ body, bodyBase64 }) {
  if (bodyBase64 === undefined) return new TextEncoder().encode(body);
  return Uint8Array.from(atob(bodyBase64), (char) => char.charCodeAt(0));
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function equal(actual, expected) {
  const [got, wanted] = [sorted(actual), sorted(expected)];
  if (got !== wanted) throw new Error(`got ${got}, expected ${wanted}`);
}

function sorted(value) {
  return JSON.stringify(value, (_key, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
