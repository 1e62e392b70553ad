import { expect, test } from "vitest";
import { readMime } from "./incoming-mail.ts";
import { checkMailgunSender, checkPostmarkSender } from "./provider-sender.ts";

type Given = readonly (readonly [string, string])[];

const FROM = ["From", "Ann <ann@bank.test>"] as const;
const RECEIVED = ["Received", "from mx.bank.test by mxa.mailgun.test"] as const;
const PASSED = ["X-Mailgun-Spf", "Pass"] as const;
const SIGNED = ["X-Mailgun-Dkim-Check-Result", "Pass"] as const;
const RULES = ["X-Mailgun-Spam-Rules", "DKIM_SIGNED, DKIM_VALID, DKIM_VALID_AU, SPF_PASS"] as const;

function mailOf(headers: Given, from?: string) {
  const raw = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return readMime(Buffer.from(`${raw}\r\nHello\r\n`), { from, to: [] });
}

async function mailgun(headers: Given, envelopeFrom = "ann@bank.test") {
  return checkMailgunSender(await mailOf(headers, envelopeFrom));
}

const signature = (domain: string) =>
  ["Dkim-Signature", `v=1; a=rsa-sha256; d=${domain}; s=s`] as const;

test("Mailgun tells by what a mail is proven: its server, its signatures, its author's signature", async () => {
  expect(await mailgun([PASSED, RECEIVED, FROM])).toBe("proven");
  expect(await mailgun([SIGNED, RECEIVED, signature("bank.test"), FROM])).toBe("proven");
  expect(await mailgun([RULES, RECEIVED, FROM], "x@other.test")).toBe("proven");
});

test("of Mailgun's results those count that are about the author, and that Mailgun wrote", async () => {
  for (const headers of [
    [RECEIVED, FROM],
    [["X-Mailgun-Spf", "Neutral"], RECEIVED, FROM],
    // Below the line that Mailgun wrote, or without one: anybody's.
    [RECEIVED, PASSED, SIGNED, RULES, signature("bank.test"), FROM],
    [PASSED, SIGNED, RULES, signature("bank.test"), FROM],
    // One of these is valid, who knows which.
    [SIGNED, RECEIVED, signature("bank.test"), signature("evil.test"), FROM],
    [SIGNED, RECEIVED, signature("x.bank.test"), FROM],
    [SIGNED, RECEIVED, FROM],
    [["X-Mailgun-Spam-Rules", "DKIM_VALID, NOT_DKIM_VALID_AU_X"], RECEIVED, FROM],
    // Several authors.
    [PASSED, RULES, RECEIVED, ["From", "ann@bank.test, eve@evil.test"]],
    [PASSED, RULES, RECEIVED, FROM, ["From", "eve@bank.test"]],
    [PASSED, RULES, RECEIVED, ["From", "nobody"]],
  ] as Given[]) {
    const own = headers.includes(PASSED) ? "ann@bank.test" : "eve@evil.test";
    expect([headers, await mailgun(headers, own)]).toEqual([headers, "unproven"]);
  }
  expect(await mailgun([PASSED, RECEIVED, FROM], "eve@evil.test")).toBe("unproven");
});

const SPF = (sender: string) =>
  [
    "Received-SPF",
    `Pass (sender SPF authorized) identity=mailfrom; client-ip=192.0.2.1; helo=mx; envelope-from=${sender}; receiver=x@y.test`,
  ] as const;
const TESTS = (tests: string) => ["X-Spam-Tests", tests] as const;

test("Postmark's own results are the first by their names", async () => {
  const check = async (headers: Given) =>
    checkPostmarkSender(await mailOf([...headers, FROM]), headers);
  expect(await check([SPF("ann@bank.test")])).toBe("proven");
  expect(await check([TESTS("DKIM_SIGNED,DKIM_VALID,DKIM_VALID_AU,SPF_PASS")])).toBe("proven");
  for (const headers of [
    [],
    [SPF("eve@evil.test")],
    [SPF("eve@evil.test"), SPF("ann@bank.test")],
    [TESTS("DKIM_SIGNED,DKIM_VALID,SPF_PASS"), TESTS("DKIM_VALID_AU")],
    [["Received-SPF", "Fail (x) envelope-from=a@evil.test; Pass; envelope-from=ann@bank.test"]],
  ] as Given[]) {
    expect([headers, await check(headers)]).toEqual([headers, "unproven"]);
  }
});
