import type { Faults } from "../simulator/faults.ts";
import { WebhookSender } from "../simulator/webhook-sender.ts";
import { slackSignature } from "./slack-signature.ts";

/** The app that events are for. */
export interface SimulatedSlackApp {
  readonly user_id: string;
  readonly app_id: string;
  readonly signingSecret: string;
}

/** Tells an app what happens, as the Events API does. */
export class SlackSimulatorEvents {
  readonly #sender: WebhookSender;
  readonly #url: string;
  readonly #app: SimulatedSlackApp;
  #last = 0;

  constructor(faults: Faults, url: string, app: SimulatedSlackApp) {
    this.#sender = new WebhookSender(faults);
    this.#url = url;
    this.#app = app;
  }

  tell(event: object): void {
    const { app_id, user_id, signingSecret } = this.#app;
    this.#last += 1;
    const body = JSON.stringify({
      token: "not-used-any-more",
      team_id: "T0SIMULATED",
      api_app_id: app_id,
      event,
      type: "event_callback",
      event_id: `Ev${String(this.#last).padStart(8, "0")}`,
      event_time: Math.floor(Date.now() / 1000),
      authorizations: [{ team_id: "T0SIMULATED", user_id, is_bot: true }],
      is_ext_shared_channel: false,
    });
    let attempts = 0;
    this.#sender.send(() => {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const headers = {
        "content-type": "application/json",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": slackSignature(signingSecret, timestamp, Buffer.from(body)),
        ...(attempts > 0 && { "x-slack-retry-num": String(attempts) }),
      };
      attempts += 1;
      return { url: this.#url, headers, body };
    });
  }

  idle(): Promise<void> {
    return this.#sender.idle();
  }

  close(): Promise<void> {
    return this.#sender.close();
  }
}
