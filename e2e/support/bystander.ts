import { expect } from "vitest";
import { connectSdk, subscribeSdk } from "./sdk-client.ts";
import type { TestServer } from "./start-test-server.ts";

const CHANNEL = "production.group.bystanders";

/** Somebody who talks on the server while others misbehave. */
export interface Bystander {
  /** Says something more and hears it; asserts that nothing was lost and the connection never broke. */
  assertUndisturbed(): Promise<void>;
}

/** Has somebody connect and subscribe. */
export async function startBystander(server: TestServer): Promise<Bystander> {
  const client = await connectSdk(server, { account: "bystander" });
  const { publications } = await subscribeSdk(client, CHANNEL);
  const breaks: unknown[] = [];
  client.centrifuge.on("connecting", (context) => breaks.push(context));
  client.centrifuge.on("disconnected", (context) => breaks.push(context));
  let said = 0;
  return {
    async assertUndisturbed() {
      said += 1;
      await client.centrifuge.publish(CHANNEL, said);
      const heard = (await publications.atLeast(said)).map(({ data }) => data);
      expect(heard).toEqual(Array.from({ length: said }, (_, i) => i + 1));
      expect(breaks).toEqual([]);
    },
  };
}
