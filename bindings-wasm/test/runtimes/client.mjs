// The clients where there is no server: `fetch` is a function of ours. What failed, in words.

const KEY = "hks_1";

export async function clientFailures({ Hookseal, HooksealApiError, Naive }) {
  const failures = [];
  const check = (ok, what) => ok || failures.push(`the client: ${what}`);
  const asked = [];
  const answers = [
    Response.json({ error: { code: "overloaded", message: "busy", hint: "", field: null } }, { status: 503 }),
    Response.json({ id: "evt_1" }),
    Response.json({ data: [1], next: "b" }),
    Response.json({ data: [2], next: null }),
    new Response("<html>", { status: 404 }),
    Response.json({ data: [], next: null }),
  ];
  const fetch = async (url, init) => {
    asked.push({ url, request: new Request(url, init) });
    const answer = answers.shift();
    if (answer) return answer;
    // Answers nothing, and stops when it is told to.
    await new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(init.signal.reason)));
  };
  const options = { apiKey: KEY, baseUrl: "https://hooks.example.com/base/", fetch };
  const client = new Hookseal(options);

  check((await client.events.send({ type: "a.b", data: {} })).id === "evt_1", "an event is sent again after 503");
  const [first, second] = asked.map(({ request }) => request.headers);
  check(first.get("authorization") === `Bearer ${KEY}`, "the key is sent");
  check(first.get("idempotency-key") === second.get("idempotency-key"), "both attempts have one key");
  const rows = [];
  for await (const row of client.endpoints.list()) rows.push(row);
  check(rows.join() === "1,2", "a list is gone through");
  check(asked.at(-1).url === "https://hooks.example.com/base/v1/endpoints?after=b", "the URL is that of the page");
  const refused = await client.events.get("1").catch((error) => error);
  check(refused instanceof HooksealApiError && refused.code === "unexpected_answer", "a proxy's page is an error");
  check((await new Naive(options).webhooks.list()).length === 0, "naive's client lists");
  const late = await client.events.get("1", { timeoutMs: 20, maxRetries: 0 }).catch((error) => error);
  check(late.code === "timeout", "an attempt has a time limit");
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("enough")), 20);
  const ended = await client.events.get("1", { signal: controller.signal }).catch((error) => error);
  check(ended.message === "enough", "a signal ends a call");
  try {
    new Hookseal({ baseUrl: "https://hooks.example.com" });
    check(false, "a key is needed");
  } catch (error) {
    check(error.code === "invalid_argument", `a key is needed, and no permission: ${error}`);
  }
  return failures;
}
