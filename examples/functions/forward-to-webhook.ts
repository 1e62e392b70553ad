import { createHmac } from "node:crypto";
import { afterPublish } from "@anywire/functions";

/**
 * Posts each text to an address of yours, signed with a key that both sides know. What is not answered with 2xx is posted again,
 * for a quarter of an hour: `x-event-id` tells the receiver what it has already.
 */
export default afterPublish(
  "*.sms.*",
  async ({ id, channel, sender, at, message }, { fetch, secrets }) => {
    const url = await secrets.get("WEBHOOK_URL");
    const key = await secrets.get("WEBHOOK_KEY");
    if (url === undefined || key === undefined) {
      throw new Error("set the secrets WEBHOOK_URL and WEBHOOK_KEY, then replay what was missed");
    }
    const body = JSON.stringify({ id, channel, sender, at, message });
    const signature = createHmac("sha256", key).update(body).digest("hex");
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-event-id": id,
        "x-signature": `sha256=${signature}`,
      },
      body,
    });
    if (!answer.ok) throw new Error(`the webhook answered ${answer.status}`);
  },
  { kinds: ["message"], maxAttempts: 24 },
);
