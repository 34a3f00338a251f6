// Runs in workerd, whose own clock stands still while a request is answered: who asks measures.
import { contenders, SIZES } from "./contenders.mjs";

const made = {};

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const size = SIZES[searchParams.get("size")];
    made[size] ??= await contenders(size);
    await made[size][searchParams.get("name")](Number(searchParams.get("times")));
    return new Response("done");
  },
};
