import { onRequest } from "@anywire/functions";

/** Accounts that may change settings. */
const ADMINS: readonly (string | null)[] = ["admin"];

/** Keys that other functions read, and what they can read there. */
const SETTINGS: Readonly<Record<string, (value: unknown) => boolean>> = {
  "office-hours": isOfficeHours,
  "rude-words": (value) => Array.isArray(value) && value.every((word) => typeof word === "string"),
};

/** Changes a setting of the other functions while they run. */
export default onRequest("PUT /settings/:name", async (event, { kv }) => {
  const { name } = event.params;
  const refuse = (status: number, error: string) => event.respond({ error }, { status });
  if (!ADMINS.includes(event.accountId)) return refuse(403, "only admins change settings");
  const isSetting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
  if (isSetting === undefined) return refuse(404, `there is no setting ${name}`);
  const value = await event.json();
  if (!isSetting(value)) return refuse(400, `${name} cannot be that`);
  await kv.set(name, value);
  return event.respond(value);
});

function isOfficeHours(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { from, to, timeZone } = value as Partial<Record<string, unknown>>;
  return isHour(from) && isHour(to) && isTimeZone(timeZone);
}

function isHour(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 24;
}

function isTimeZone(value: unknown): boolean {
  try {
    return typeof value === "string" && new Intl.DateTimeFormat("en", { timeZone: value }) !== null;
  } catch {
    return false;
  }
}
