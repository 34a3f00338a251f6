// @ts-check
import { webhook } from "@hookseal/edge/fetch";

export const config = { runtime: "edge" };

export default webhook("slack", process.env.SLACK_SECRET ?? "", (event) => console.log(event.type));
