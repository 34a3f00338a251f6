// The server's HTTP API, as far as the demo needs it.

export class Api {
  constructor(baseUrl, key) {
    this.baseUrl = baseUrl;
    this.headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  }

  createEndpoint(endpoint) {
    return this.#call("POST", "/v1/endpoints", endpoint);
  }

  sendEvent(event) {
    return this.#call("POST", "/v1/events", event);
  }

  event(id) {
    return this.#call("GET", `/v1/events/${id}`);
  }

  async #call(method, path, body) {
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: this.headers,
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer.error)}`);
    return answer;
  }
}
