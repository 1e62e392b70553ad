import { createMemoryKeyValue, MemoryKeyValueBackend } from "@anywire/engines/memory";
import { AnywireError } from "@anywire/types";
import { expect, test } from "vitest";
import { createLockedVault, createSecretVault } from "./secret-vault.ts";

/** Symptom: where the key was forgotten, as on the way to a cluster, all webhooks were forged, and nothing said why. */
test("where there is no key, what was kept under one is refused and not taken for nothing", async () => {
  const kv = createMemoryKeyValue(new MemoryKeyValueBackend());
  await kv.start();
  const kept = { token: [{ value: "a secret", until: null }] };
  await createSecretVault(kv, "a key").write("tower", kept);
  const locked = createLockedVault(
    kv,
    (what) => new AnywireError("unavailable", `${what}: no key`),
  );
  await expect(locked.read("tower")).rejects.toMatchObject({
    message: "the secrets of connection tower can't be read: no key",
  });
  expect(await locked.read("keep")).toEqual({});
  await expect(locked.write("keep", kept)).rejects.toMatchObject({ code: "unavailable" });
  await locked.write("keep", {});
  await locked.remove("tower");
  expect(await locked.read("tower")).toEqual({});
});
