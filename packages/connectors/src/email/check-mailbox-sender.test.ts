import { expect, test } from "vitest";
import { checkMailboxSender } from "./check-mailbox-sender.ts";
import { KEY_RECORD, nameTable, signMail } from "./name-table.fixture.ts";

const NAMES = { "TXT s1._domainkey.bank.test": [KEY_RECORD] };
const MAIL = "From: ann@bank.test\r\nSubject: Tea\r\n\r\nHello\r\n";

function check(raw: string, server: string | null = "mx.shop.test") {
  const { dns } = nameTable(NAMES);
  const bytes = new Uint8Array(Buffer.from(raw, "latin1"));
  return checkMailboxSender(bytes, server ?? undefined, dns);
}

const noted = (note: string, raw = MAIL) => check(`Authentication-Results: ${note}\r\n${raw}`);

test("what the mailbox's own server notes is believed", async () => {
  for (const [note, result] of [
    ["mx.shop.test; spf=pass smtp.mailfrom=bank.test; dmarc=pass header.from=bank.test", "proven"],
    ["MX.shop.test 1;\r\n dmarc=pass (p=REJECT sp=NONE)\r\n header.from=Bank.test", "proven"],
    ["mx.shop.test (a comment); dmarc=bestguesspass header.from=bank.test", "proven"],
    ["mx.shop.test; dmarc=fail (p=REJECT sp=NONE dis=NONE) header.from=bank.test", "failed"],
    ["mx.shop.test; dmarc=fail header.from=bank.test", "failed"],
    ["mx.shop.test; dmarc=fail (p=NONE sp=REJECT) header.from=bank.test", "unproven"],
    ["mx.shop.test; dmarc=fail action=none header.from=bank.test", "unproven"],
    ["mx.shop.test; dmarc=none header.from=bank.test", "unproven"],
    ["mx.shop.test; none", "unproven"],
    ["mx.shop.test; spf=pass smtp.mailfrom=bank.test", "unproven"],
  ] as const) {
    expect([note, await noted(note)]).toEqual([note, result]);
  }
});

test("what others note, or smuggle into the note, is not", async () => {
  for (const note of [
    "mx.evil.test; dmarc=pass header.from=bank.test",
    "mx.shop.test.evil.test; dmarc=pass header.from=bank.test",
    "dmarc=pass header.from=bank.test",
    // About another mail's author.
    "mx.shop.test; dmarc=pass header.from=evil.test",
    "mx.shop.test; dmarc=pass",
    // In what the sender chose.
    'mx.shop.test; spf=pass smtp.mailfrom="x; dmarc=pass header.from=bank.test"@evil.test',
    "mx.shop.test; spf=pass (domain of x; dmarc=pass header.from=bank.test) smtp.mailfrom=evil.test",
    'mx.shop.test; spf=pass (a \\) b; dmarc=pass header.from=bank.test) x="\\"; dmarc=pass header.from=bank.test"',
    "mx.shop.test; spf=pass (((; dmarc=pass header.from=bank.test",
    "(mx.shop.test; dmarc=pass header.from=bank.test)",
  ]) {
    expect([note, await noted(note)]).toEqual([note, "unproven"]);
  }
  const note = "Authentication-Results: mx.shop.test; dmarc=pass header.from=bank.test\r\n";
  expect(await check(note + MAIL, null)).toBe("unproven");
  const uppermost = "Authentication-Results: mx.shop.test; dmarc=fail header.from=bank.test\r\n";
  expect(await check(uppermost + note + MAIL)).toBe("failed");
});

test("without a note the mail's signature tells", async () => {
  const signed = await signMail(MAIL, "bank.test");
  expect(await check(signed, null)).toBe("proven");
  expect(await check(signed)).toBe("proven");
  expect(await check(signed.replace("Hello", "Pay me"))).toBe("unproven");
});
