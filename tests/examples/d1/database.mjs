// What Cloudflare has behind the client of D1: SQLite, asked over HTTP. Here it is that of a Durable Object of workerd.
import { DurableObject } from "cloudflare:workers";

export class Database extends DurableObject {
  async fetch(request) {
    const { sql, params } = await request.json();
    try {
      const cursor = this.ctx.storage.sql.exec(sql, ...params);
      const rows = [...cursor.raw()];
      return Response.json({ success: true, results: { columns: cursor.columnNames, rows }, meta: { duration: 0 } });
    } catch (error) {
      return Response.json({ success: false, error: String(error) }, { status: 500 });
    }
  }
}

export default {
  fetch: (request, { DATABASE }) => DATABASE.get(DATABASE.idFromName("one")).fetch(request),
};
