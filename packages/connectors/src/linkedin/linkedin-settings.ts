import { z } from "zod";
import type { ConnectionContext } from "../contract/context.ts";

/** Settings of a LinkedIn connection. */
export const linkedinSettingsSchema = z.strictObject({
  memberId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be the id behind urn:li:person:")
    .describe("The member who writes: what stands behind `urn:li:person:` in their URN."),
  apiVersion: z
    .string()
    .regex(/^20\d{4}$/, "must be a year and a month, such as 202604")
    .default("202604")
    .describe("The version of LinkedIn's API, sent as `LinkedIn-Version`."),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://api.linkedin.com")
    .describe("Where the API is; another one only for tests."),
});

/** Settings of a LinkedIn connection. */
export type LinkedinSettings = z.infer<typeof linkedinSettingsSchema>;

/** A LinkedIn connection, as its connector sees it. */
export type LinkedinContext = ConnectionContext<LinkedinSettings>;

const PERSON = /^(?:urn:li:person:)?([A-Za-z0-9_-]{1,64})$/;

/** The id in a person's URN, or the id itself; undefined for anything else. */
export function personIdOf(text: string): string | undefined {
  return PERSON.exec(text)?.[1];
}

/** What LinkedIn calls a person. */
export function personUrn(id: string): string {
  return `urn:li:person:${id}`;
}
