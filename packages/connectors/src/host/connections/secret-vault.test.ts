import { createMemoryKeyValue, MemoryKeyValueBackend } from "@anywire/engines/memory";
import { AnywireError } from "@anywire/types";
import { expect, test } from "vitest";
import { createLockedVault, createSecretVault } from "./secret-vault.ts";

/** Symptom: where the key was forgotten, as on the way to a cluster, all webhooks were forged, and nothing said why. */
test("where there is no key, what was kept under one is refused and not taken for nothing", async () => {
  const kv = createMemoryKeyValue(new MemoryKeyValueBackend());
  await kv.start();
  const kept = { secrets: { token: [{ value: "a secret", until: null }] } };
  await createSecretVault(kv, "a key").write("tower", kept);
  const locked = createLockedVault(
    kv,
    (what) => new AnywireError("unavailable", `${what}: no key`),
  );
  await expect(locked.read("tower")).rejects.toMatchObject({
    message: "the secrets of connection tower can't be read: no key",
  });
  expect(await locked.read("keep")).toEqual({ secrets: {} });
  await expect(locked.write("keep", kept)).rejects.toMatchObject({ code: "unavailable" });
  await locked.write("keep", { secrets: {} });
  await locked.remove("tower");
  expect(await locked.read("tower")).toEqual({ secrets: {} });
});

test("the settings that secrets were given for are kept with them, and secrets of before that was so are read still", async () => {
  const kv = createMemoryKeyValue(new MemoryKeyValueBackend());
  await kv.start();
  const vault = createSecretVault(kv, "a key");
  const secrets = { token: [{ value: "a secret", until: null }] };
  const kept = { settings: { url: "https://example.org" }, secrets };
  await vault.write("tower", kept);
  expect(await vault.read("tower")).toEqual(kept);
  await vault.write("old", secrets as never);
  expect(await vault.read("old")).toEqual({ secrets });
});
