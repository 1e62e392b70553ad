import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { loadConnectors } from "./load-connectors.ts";

const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

const TELEX = `import { z } from "zod";
export default {
  id: "telex", version: "1.0.0", displayName: "Telex", network: "telex",
  channelType: { name: "telex", identity: "participants", network: "telex", description: "Telex." },
  configSchema: z.strictObject({}), secrets: [], addressKinds: ["telex"],
  policy: { bulkAllowed: false, notes: "None." }, limits: [],
  capabilities() {}, verify() {}, parse() {}, send() {},
};`;

/** A file with that text, and its path. */
async function fileOf(name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "anywire-connectors-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await symlink(MODULES, join(directory, "node_modules"));
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

test("a file's connector is there beside the built-in ones, and its channel type is declared", async () => {
  const { registry, channelTypes } = await loadConnectors([await fileOf("telex.js", TELEX)]);
  expect(registry.get("telex")?.displayName).toBe("Telex");
  expect(registry.get("twilio-sms")).toBeDefined();
  expect(channelTypes.get("telex")?.identity).toBe("participants");
});

test("a file that is no connector is refused by its name, with what is wrong", async () => {
  const refusal = (words: RegExp) => ({
    code: "bad_request",
    message: expect.stringMatching(words),
  });
  const load = async (name: string, text: string) =>
    await loadConnectors([await fileOf(name, text)]);
  await expect(loadConnectors(["./nowhere.ts"])).rejects.toMatchObject(
    refusal(/^there is no connector \.\/nowhere\.ts/),
  );
  await expect(load("empty.js", "export default {}")).rejects.toMatchObject(
    refusal(/empty\.js is no whole connector: id is missing/),
  );
  await expect(load("broken.js", "export default (")).rejects.toMatchObject(
    refusal(/broken\.js can't be loaded/),
  );
  await expect(load("broken.json", "{")).rejects.toMatchObject(refusal(/broken\.json can't be/));
});

/**
 * Symptom: a module with nothing but an id and its functions was taken, and then the list of all connectors was an error: no network
 * could be chosen any more.
 */
test("a module that lacks a part of the contract is refused with all that it lacks and where to read of it", async () => {
  const bare = TELEX.replace(/configSchema.*\n.*limits.*\n/, "").replace("capabilities() {},", "");
  await expect(loadConnectors([await fileOf("bare.js", bare)])).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringMatching(
      /bare\.js is no whole connector: configSchema is missing.*; secrets is missing.*; addressKinds is missing.*; policy.*; limits.*; capabilities is missing.*write-your-own\.md/,
    ),
  });
});

test("two connectors of one id are refused", async () => {
  const taken = TELEX.replace(`id: "telex"`, `id: "twilio-sms"`);
  await expect(loadConnectors([await fileOf("mine.js", taken)])).rejects.toMatchObject({
    code: "conflict",
  });
});
