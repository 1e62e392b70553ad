import { expect, onTestFinished, test, vi } from "vitest";
import { checkSender, type MailClient } from "./check-sender.ts";
import { KEY_RECORD, nameTable, signMail, signPart } from "./name-table.fixture.ts";

const IP = "192.0.2.7";
const BANK = {
  "TXT bank.test": ["v=spf1 ip4:192.0.2.7 -all"],
  "TXT _dmarc.bank.test": ["v=DMARC1; p=reject"],
  "TXT s1._domainkey.bank.test": [KEY_RECORD],
  // A stranger has a domain, too, and all is well with it.
  "TXT evil.test": ["v=spf1 ip4:192.0.2.66 -all"],
  "TXT s1._domainkey.evil.test": [KEY_RECORD],
};
const STRANGER: MailClient = { ip: "192.0.2.66", helo: "mx.evil.test", from: "eve@evil.test" };
const OWN: MailClient = { ip: IP, helo: "mx.bank.test", from: "ann@bank.test" };

function mail(from = "Ann <ann@bank.test>", ...more: readonly string[]): string {
  return [`From: ${from}`, "Subject: Tea", ...more, "", "Hello", "there.", ""].join("\r\n");
}

function check(
  raw: string,
  client: MailClient | undefined = STRANGER,
  table: Parameters<typeof nameTable>[0] = BANK,
  limitMs?: number,
) {
  return checkSender(
    new Uint8Array(Buffer.from(raw, "latin1")),
    client,
    nameTable(table).dns,
    limitMs,
  );
}

const without = (...names: readonly string[]) =>
  Object.fromEntries(Object.entries(BANK).filter(([name]) => !names.includes(name)));

test("a mail is proven by the server that hands it over, or by its domain's signature", async () => {
  expect(await check(mail(), OWN)).toEqual({ check: "proven" });
  expect(await check(mail(), { ...OWN, from: "" })).toMatchObject({ check: "failed" });
  expect(await check(await signMail(mail(), "bank.test"))).toEqual({ check: "proven" });
  // Passed on by somebody else's server, who signed it, too.
  const twice = await signMail(await signMail(mail(), "bank.test"), "evil.test");
  expect(await check(twice)).toEqual({ check: "proven" });
});

test("a mail that its domain wants refused is refused, with the reason", async () => {
  const { check: result, refusal } = await check(await signMail(mail(), "evil.test"));
  expect(result).toBe("failed");
  expect(refusal).toEqual({ isFinal: true, reason: expect.stringContaining("bank.test") });
});

test.each([
  ["v=DMARC1; p=quarantine", "failed"],
  ["v=DMARC1; p=none", "unproven"],
  ["v=DMARC1; p=reject; t=y", "failed"],
  ["v=DMARC1", "unproven"],
  ["nothing of the kind", "unproven"],
])("with the policy %j a mail from elsewhere is %s, and taken", async (policy, result) => {
  const table = { ...BANK, "TXT _dmarc.bank.test": [policy] };
  expect(await check(mail(), STRANGER, table)).toEqual({ check: result });
});

test("a domain without a policy is proven the same way, and nothing of it is refused", async () => {
  const table = without("TXT _dmarc.bank.test");
  expect(await check(mail(), OWN, table)).toEqual({ check: "proven" });
  expect(await check(await signMail(mail(), "bank.test"), STRANGER, table)).toEqual({
    check: "proven",
  });
  expect(await check(await signMail(mail(), "evil.test"), STRANGER, table)).toEqual({
    check: "unproven",
  });
  // One below it is not it.
  const below = { ...table, "TXT s1._domainkey.x.bank.test": [KEY_RECORD] };
  expect(await check(await signMail(mail(), "x.bank.test"), STRANGER, below)).toEqual({
    check: "unproven",
  });
});

test("a mail that was changed on its way is not proven", async () => {
  const signed = await signMail(mail(), "bank.test");
  for (const changed of [
    signed.replace("Hello", "Pay me"),
    signed.replace("ann@bank", "boss@bank"),
    `${signed}And this.\r\n`,
  ]) {
    expect(await check(changed)).toMatchObject({ check: "failed" });
  }
});

test("a signature that leaves out the end of the mail proves nothing, once there is such an end", async () => {
  const signed = await signPart(mail(), "bank.test", 15);
  expect(await check(signed)).toEqual({ check: "proven" });
  expect(await check(`${signed}Pay me.\r\n`)).toMatchObject({ check: "failed" });
});

test("a mail that is from several, or says twice whom it is from, is not believed", async () => {
  for (const from of [
    "ann@bank.test, eve@evil.test",
    "eve@evil.test, ann@bank.test",
    "eve@evil.test\r\nFrom: ann@bank.test",
    "ann@bank.test\r\nFrom: eve@bank.test",
    "Team: ann@bank.test, eve@evil.test;",
  ]) {
    const signed = await signMail(await signMail(mail(from), "evil.test"), "bank.test");
    const { check: result, refusal } = await check(signed);
    expect([from, result, refusal?.isFinal]).toEqual([from, "failed", true]);
  }
  expect(await check(mail("ann@bank.test, bob@bank.test"), OWN)).toEqual({ check: "proven" });
});

test("who a mail is from is the same however it is written", async () => {
  for (const from of [
    "=?utf-8?q?eve=40evil.test?= <ann@bank.test>",
    '"eve@evil.test" <ann@bank.test>',
    "ANN@BANK.TEST",
    "=?utf-8?q?A?=\r\n =?utf-8?q?nn?= <ann@bank.test>",
    "(eve@evil.test) ann@bank.test",
  ]) {
    expect(await check(mail(from), OWN)).toEqual({ check: "proven" });
    expect(await check(await signMail(mail(from), "evil.test"))).toMatchObject({ check: "failed" });
  }
});

test("a mail from nobody is unproven", async () => {
  for (const from of ["", "<>", "nobody", "=?utf-8?q?ann=40bank.test?=", "undisclosed:;"]) {
    expect([from, await check(mail(from), OWN)]).toEqual([from, { check: "unproven" }]);
  }
  for (const raw of ["", "\r\n", "Hello", "\0\0", "\r\n\r\nFrom: ann@bank.test\r\n"]) {
    expect(await check(raw, OWN)).toEqual({ check: "unproven" });
  }
});

test("of a mail in a mailbox the signatures alone tell, and nothing tells that it is forged", async () => {
  expect(
    await checkSender(bytes(await signMail(mail(), "bank.test")), undefined, nameTable(BANK).dns),
  ).toEqual({ check: "proven" });
  expect(await checkSender(bytes(mail()), undefined, nameTable(BANK).dns)).toEqual({
    check: "unproven",
  });
});

test("names that hang leave a mail unproven in time, and one that wants it refused is told to try again", async () => {
  const hanging = {
    ...BANK,
    "TXT evil.test": "hangs",
    "TXT s1._domainkey.evil.test": "hangs",
  } as const;
  const signed = await signMail(mail(), "evil.test");
  expect(await check(signed, STRANGER, hanging, 50)).toEqual({
    check: "unproven",
    refusal: { isFinal: false, reason: expect.stringContaining("try again later") },
  });
  const dark = { "TXT _dmarc.bank.test": "hangs" } as const;
  expect(await check(signed, STRANGER, dark, 50)).toEqual({ check: "unproven" });
});

/** Symptom: on a busy machine the first mail was unproven, since the time for questions ran while what asks them was loaded. */
test.each([
  ["mailauth/lib/dkim/verify.js", "bank.test", STRANGER],
  ["mailauth/lib/spf/index.js", "evil.test", OWN],
  ["mailauth/lib/dmarc/index.js", "bank.test", STRANGER],
])(
  "what %s takes to be loaded takes none of the time for questions",
  async (path, domain, client) => {
    const signed = bytes(await signMail(mail(), domain));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    vi.resetModules();
    vi.doMock(path, async (load) => {
      const loaded = await load<object>();
      vi.advanceTimersByTime(60_000);
      return loaded;
    });
    onTestFinished(() => {
      vi.useRealTimers();
      vi.doUnmock(path);
      vi.resetModules();
    });
    const fresh = await import("./check-sender.ts");
    const checked = await fresh.checkSender(signed, client, nameTable(BANK).dns);
    expect(performance.now()).toBeGreaterThan(59_000);
    expect(checked).toEqual({ check: "proven" });
  },
);

test("names that can't be had now, or that lie, prove nothing", async () => {
  const signed = await signMail(mail(), "bank.test");
  for (const record of [
    "fails",
    ["v=DKIM1; p="],
    ["p=\0\0"],
    ["v=DKIM1; k=rsa; p=AAAA"],
    [""],
  ] as const) {
    const table = { ...BANK, "TXT s1._domainkey.bank.test": record };
    const { check: result, refusal } = await check(signed, STRANGER, table);
    expect(result).toBe(record === "fails" ? "unproven" : "failed");
    expect(refusal?.isFinal).toBe(record !== "fails");
  }
  const odd = [undefined, null, [null], [[1, 2]], "text", {}, [["v=spf1 include:evil.test"]]];
  for (const answer of odd) {
    const dns = async () => answer as string[][];
    expect((await checkSender(bytes(signed), STRANGER, dns)).check).not.toBe("proven");
  }
  const broken = (): never => {
    throw new Error("no names here");
  };
  expect((await checkSender(bytes(signed), STRANGER, broken)).check).toBe("unproven");
});

test("a mail with hundreds of signatures costs a few questions, and what it says is judged still", async () => {
  const [first = ""] = (await signMail(mail(), "evil.test")).split("From:");
  const many = Array.from({ length: 200 }, (_, id) => first.replace("s=s1;", `s=x${id};`));
  const { dns, asked } = nameTable(BANK);
  const checked = await checkSender(bytes(many.join("") + mail()), STRANGER, dns);
  expect(checked).toMatchObject({ check: "failed", refusal: { isFinal: true } });
  expect(asked.filter((question) => question.includes("_domainkey"))).toHaveLength(5);
  expect(asked.length).toBeLessThan(20);
});

test("a header beyond all measure is refused", async () => {
  for (const raw of [
    mail(undefined, `X: ${"y".repeat(200_000)}`),
    mail(undefined, ...Array.from({ length: 2_000 }, () => "X: y")),
    `X: ${"y".repeat(200_000)}`,
  ]) {
    expect(await check(raw, OWN)).toMatchObject({ check: "failed", refusal: { isFinal: true } });
  }
});

const UNCHECKED =
  "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=bank.test; s=s1; h=from; bh=AA==; b=AA==\r\n";

/** Symptom: 25 MB of blanks held everything else up for minutes: taking them together takes time that grows with the square. */
test("a line beyond all measure is not looked at", async () => {
  const { dns, asked } = nameTable(BANK);
  const raw = bytes(UNCHECKED + mail() + " \t".repeat(2_000_000));
  expect(await checkSender(raw, STRANGER, dns)).toMatchObject({ refusal: { isFinal: true } });
  expect(asked).not.toContain("TXT s1._domainkey.bank.test");
});

/** Symptom: a few megabytes of short lines that end in blanks held everything else up for seconds. */
test("a large mail is looked at in turns with everything else", async () => {
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await check(UNCHECKED + mail() + "a \r\n".repeat(50_000));
  clearImmediate(next);
  expect(turns).toBeGreaterThan(20);
});

test("a mail that takes too long to look at is to come again, if it may be refused", async () => {
  const raw = UNCHECKED + mail() + "a \r\n".repeat(2_000_000);
  expect(await check(raw, STRANGER, BANK, 50)).toEqual({
    check: "unproven",
    refusal: { isFinal: false, reason: expect.stringContaining("try again later") },
  });
});

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}
