import { stripVTControlCharacters } from "node:util";
import { AnywireError, toAnywireError } from "@anywire/types";
import { describe, expect, test } from "vitest";
import { createLogger, type Logger, logProblem } from "./logging.ts";

const TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl";

function capture(format: "json" | "pretty"): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  return { logger: createLogger({ level: "debug", format }, { write }), lines };
}

describe("json", () => {
  test("each line is one object with level, time, message and fields", () => {
    const { logger, lines } = capture("json");
    logger.info({ channel: "a.group.b" }, "stored");
    expect(JSON.parse(lines.join(""))).toMatchObject({
      level: "info",
      time: expect.any(Number),
      msg: "stored",
      channel: "a.group.b",
    });
  });

  test("lines below the level are not written", () => {
    const { logger, lines } = capture("json");
    logger.trace("detail");
    expect(lines).toEqual([]);
  });

  test("an error keeps its cause", () => {
    const { logger, lines } = capture("json");
    logger.error({ err: new Error("outer", { cause: new Error("inner") }) }, "failed");
    expect(lines.join("")).toContain("inner");
  });
});

describe.each(["json", "pretty"] as const)("%s", (format) => {
  test("secrets are replaced, whether they are fields or inside a text", () => {
    const { logger, lines } = capture(format);
    logger.info({ token: "s3cret", headers: { authorization: "s3cret" } }, "connect");
    logger.warn({ url: `/connection/sse?cf_connect=%22${TOKEN}%22` }, `refused ${TOKEN}`);
    logger.error(new Error(`bad ${TOKEN}`));
    expect(lines).toHaveLength(3);
    expect(lines.join("")).not.toMatch(/s3cret|eyJ/);
    expect(lines.join("")).toContain("***");
  });

  test("text from outside can neither end a line nor move the cursor", () => {
    const { logger, lines } = capture(format);
    logger.info({ name: "a\n{}\u2028\u001b[2J\u009b" }, "x\r\ny\u001b[31m");
    const shown = stripVTControlCharacters(lines.join("").trimEnd());
    expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(shown).toContain("[2J");
  });
});

describe("pretty", () => {
  test("a line reads time, level, sentence, fields", () => {
    const { logger, lines } = capture("pretty");
    logger.info({ channel: "a.group.b", size: 3, text: "two words" }, "stored");
    expect(stripVTControlCharacters(lines.join(""))).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} info {2}stored {2}channel=a\.group\.b {2}size=3 {2}text="two words"\n$/,
    );
  });

  test("an error is followed by its stack", () => {
    const { logger, lines } = capture("pretty");
    logger.error({ err: new Error("broken") }, "failed");
    expect(lines.join("")).toMatch(/failed.*\n {4}Error: broken\n {4}.* at /);
  });

  test("a field that hides the level or the message does not stop the line", () => {
    const { logger, lines } = capture("pretty");
    logger.info({ level: "boo", time: "now", msg: 3, err: 5 }, "still here");
    expect(lines).toHaveLength(1);
  });
});

describe("what is wrong with a connection", () => {
  const cause = new Error('[\n  {\n    "expected": "string"');

  /** Symptom: each message of a stranger's that could not be read took 50 to 85 lines, the same error twice. */
  test("is one line where a stranger sent something or a network is away, with the reason beneath that", () => {
    const { logger, lines } = capture("pretty");
    const details = { connection: "tower", offset: 7 };
    logProblem(logger, new AnywireError("bad_request", "it is no letter", { cause, details }));
    const refused = new Error("connect ECONNREFUSED\nat once");
    logProblem(logger, new AnywireError("unavailable", "no network", { cause: refused }));
    const shown = stripVTControlCharacters(lines.join(""));
    expect(shown).toMatch(
      /^\S+ warn {2}it is no letter {2}connection=tower {2}offset=7 {2}code=bad_request\n\S+ warn {2}no network: connect ECONNREFUSED {2}code=unavailable\n$/,
    );
  });

  test("has its stack where it is a defect", () => {
    const { logger, lines } = capture("pretty");
    logProblem(logger, toAnywireError(new TypeError("no such function")));
    expect(lines.join("")).toMatch(/TypeError: no such function\n {4}.* at /);
  });
});
