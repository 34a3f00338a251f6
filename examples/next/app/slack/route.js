// @ts-check
import { webhook } from "hookseal/next";

export const { GET, POST } = webhook(
  "slack",
  () => process.env.SLACK_SECRET,
  (event) => console.log(event.type),
);
