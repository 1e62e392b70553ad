import { expect, test } from "vitest";
import { createOperatorApi } from "./operator-api.ts";

/** A server that gives these answers, one after the other, and notes what it was asked. */
function serverOf(...answers: readonly (() => Response)[]) {
  const asked: string[] = [];
  const send = async (url: URL | RequestInfo, init: RequestInit = {}): Promise<Response> => {
    const { authorization } = init.headers as Record<string, string>;
    asked.push([init.method, url, authorization, init.body].filter(Boolean).join(" "));
    const answer = answers[asked.length - 1];
    if (answer === undefined) throw new TypeError("fetch failed");
    return answer();
  };
  let tokens = 0;
  const getToken = async (): Promise<string> => `token-${++tokens}`;
  const api = createOperatorApi({ url: "http://localhost/chat/", getToken, fetch: send });
  return { api, asked };
}

test("requests go below the page's own path, with a token that is asked for once", async () => {
  const { api, asked } = serverOf(
    () => Response.json({ functions: [] }),
    () => Response.json({ replayed: 1, failed: 0, isElsewhere: false }),
  );
  expect(await api.functions()).toEqual([]);
  expect(await api.replay("sms", 7)).toEqual({ replayed: 1, failed: 0, isElsewhere: false });
  expect(asked).toEqual([
    "GET http://localhost/chat/v1/functions Bearer token-1",
    'POST http://localhost/chat/v1/functions/sms/replay Bearer token-1 {"offset":7}',
  ]);
});

test("a token that has run out is replaced, once", async () => {
  const refuse = (): Response =>
    Response.json({ code: "token_expired", detail: "the token has run out" }, { status: 401 });
  const renewed = serverOf(refuse, () => Response.json({ revisions: [] }));
  expect(await renewed.api.revisions()).toEqual([]);
  expect(renewed.asked.map((line) => line.slice(-7))).toEqual(["token-1", "token-2"]);
  const refused = serverOf(refuse, refuse, refuse);
  await expect(refused.api.revisions()).rejects.toMatchObject({ code: "token_expired" });
  expect(refused.asked).toHaveLength(2);
});

test("what the server refuses is said in its words", async () => {
  const { api } = serverOf(
    () => Response.json({ code: "not_found", detail: "there is no function sms" }, { status: 404 }),
    () => new Response("<html>", { status: 502 }),
  );
  const refusal = { code: "not_found", message: "there is no function sms" };
  await expect(api.disable("sms")).rejects.toMatchObject(refusal);
  const broken = { code: "internal", message: "the server answered with status 502" };
  await expect(api.disable("sms")).rejects.toMatchObject(broken);
  await expect(api.disable("sms")).rejects.toMatchObject({ code: "unavailable" });
});
