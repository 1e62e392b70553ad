import { AnywireError } from "@anywire/types";

/** Only `anywire dev` has the route, and it serves pages of its own machine only. */
const REFUSALS = new Set([403, 404, 405]);

/**
 * A token from `anywire dev`, which hands them out to anyone on this machine.
 * @param platform default: that of the conversations
 * @throws {AnywireError} `not_found` when this server hands out none, `unavailable` when it does not answer.
 */
export async function fetchDevToken(account: string, platform?: string): Promise<string> {
  const response = await post("dev/token", { account, platform });
  if (REFUSALS.has(response.status)) {
    throw new AnywireError("not_found", "this server hands out no tokens; paste one");
  }
  if (!response.ok) {
    throw new AnywireError("unavailable", `no token for ${account}: status ${response.status}`);
  }
  const { token } = (await response.json()) as { token: string };
  return token;
}

async function post(path: string, body: object): Promise<Response> {
  try {
    return await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch (thrown) {
    throw new AnywireError("unavailable", "the server does not answer", { cause: thrown });
  }
}
