/**
 * Fetches a URL of a sender that the core has checked: follows no redirects, and does not wait for long. What is there is
 * for the caller to look at: a redirect is an answer that is not `ok`.
 */
export function get(url: string): Promise<Response> {
  // Not `redirect: "error"`, which Cloudflare's runtime does not take.
  return fetch(url, { redirect: "manual", signal: AbortSignal.timeout(10_000) });
}
