import {
  accountKey,
  type Caller,
  type ConnectionDocument,
  emptyAnswerSchema,
  type Operation,
} from "@anywire/core";
import {
  AnywireError,
  type Connection,
  type ConnectionEntry,
  connectionRequestSchema,
  connectionSchema,
  createConnectionRequestSchema,
  createEntryId,
  notificationChannel,
  rotateSecretsRequestSchema,
  updateConnectionRequestSchema,
} from "@anywire/types";
import type { z } from "zod";
import {
  assertSecrets,
  assertSecretsStay,
  assertSettings,
  assertWhole,
  movedSettings,
} from "./check-connection.ts";
import type { ConnectionDesk } from "./connection-desk.ts";
import { cursorKey } from "./connections.ts";
import { installConnection, uninstallConnection } from "./install-connection.ts";
import type { Secrets } from "./secret-vault.ts";

type CreateRequest = z.output<typeof createConnectionRequestSchema>;
type Changes = Omit<Extract<ConnectionEntry, { action: "updated" }>, "action" | "secrets">;

/** What changes connections. What is kept encrypted is written first, so that a crash leaves no connection without its secrets. */
export function changingOperations(desk: ConnectionDesk): Operation[] {
  return [create(desk), update(desk), rotateSecrets(desk), remove(desk)];
}

function create(desk: ConnectionDesk): Operation<CreateRequest, Connection> {
  return {
    name: "connection.create",
    request: createConnectionRequestSchema,
    answer: connectionSchema,
    async run(caller, request) {
      const { id = createEntryId(), secrets } = request;
      await desk.assertMay(caller, "manage", id);
      const connector = desk.connector(request.connector);
      assertWhole(connector, request.settings, Object.keys(secrets));
      await assertFallback(desk, caller, id, request.fallback);
      const defaultAccounts = await knownAccounts(desk, caller, request.defaultAccounts);
      const offset = await desk.alone(id, async () => {
        if ((await desk.read(id, await desk.head())) !== undefined) throw taken(id);
        await desk.options.vault.write(id, {
          settings: request.settings,
          secrets: firstValues(secrets),
        });
        const { title, settings, isEnabled, fallback, limits, portfolio } = request;
        return await desk.record(caller, id, {
          action: "created",
          connector: connector.id,
          network: connector.network,
          ...{ title, settings, isEnabled, fallback, limits, portfolio, defaultAccounts },
          isDefault: request.isDefault ?? (await isFirst(desk, caller, connector.network)),
          secrets: Object.keys(secrets).sort(),
        });
      });
      if (request.isEnabled) await installConnection(desk, id);
      return { answer: desk.view(await desk.find(caller, id, offset)), isNew: true };
    },
  };
}

function update(desk: ConnectionDesk): Operation {
  const request = updateConnectionRequestSchema.extend(connectionRequestSchema.shape);
  const operation: Operation<z.output<typeof request>, Connection> = {
    name: "connection.update",
    request,
    answer: connectionSchema,
    async run(caller, { id, secrets, ...changes }) {
      await desk.assertMay(caller, "manage", id);
      const before = await desk.find(caller, id);
      if (changes.isEnabled === true) {
        const names = Object.keys(secrets ?? {});
        assertSecrets(desk.connector(before.connector), names, before.secrets);
      }
      await assertFallback(desk, caller, id, changes.fallback ?? null);
      if (changes.defaultAccounts !== undefined) {
        await knownAccounts(desk, caller, changes.defaultAccounts);
      }
      const leads = changes.settings !== undefined || secrets !== undefined;
      const offset = leads
        ? await desk.alone(id, () => lead(desk, caller, id, changes, secrets))
        : await desk.record(caller, id, { action: "updated", ...given(changes) });
      const after = await desk.find(caller, id, offset);
      const concernsNetwork = leads || changes.isEnabled === true;
      if (after.isEnabled && concernsNetwork) await installConnection(desk, id);
      return { answer: desk.view(after), isNew: false };
    },
  };
  return operation;
}

/** Changes where a connection leads, or what it has to be let in there, or both. Resolves with the offset. */
async function lead(
  desk: ConnectionDesk,
  caller: Caller,
  id: string,
  changes: Changes,
  secrets: Readonly<Record<string, string>> | undefined,
): Promise<number> {
  // Again, since another change may have come first.
  const before = await desk.find(caller, id, await desk.head());
  const connector = desk.connector(before.connector);
  const { settings = before.settings } = changes;
  assertSettings(connector, settings);
  if (secrets !== undefined) assertSecrets(connector, Object.keys(secrets), before.secrets);
  const moved = movedSettings(connector, before.settings, settings);
  const updated = { action: "updated", ...given(changes) } as const;
  if (secrets === undefined && moved.length === 0) return await desk.record(caller, id, updated);
  assertSecretsStay(connector, before, moved, secrets);
  // All that was there goes: also what holds beside it since a rotation.
  const fresh = secrets ?? {};
  await desk.options.vault.write(id, { settings, secrets: firstValues(fresh) });
  return await desk.record(caller, id, { ...updated, secrets: Object.keys(fresh).sort() });
}

function rotateSecrets(desk: ConnectionDesk): Operation {
  const request = rotateSecretsRequestSchema.extend(connectionRequestSchema.shape);
  const operation: Operation<z.output<typeof request>, Connection> = {
    name: "connection.rotate_secrets",
    request,
    answer: connectionSchema,
    async run(caller, { id, secrets, overlapMs }) {
      await desk.assertMay(caller, "manage", id);
      const names = Object.keys(secrets).sort();
      const before = await desk.find(caller, id);
      assertSecrets(desk.connector(before.connector), names, before.secrets);
      if (names.length === 0) {
        throw new AnywireError("bad_request", "no secret is named; give new values by name");
      }
      const overlapUntil = desk.now() + overlapMs;
      const offset = await desk.alone(id, async () => {
        // Again, since it may have been removed: what is kept for nobody is never taken away.
        const now = await desk.find(caller, id, await desk.head());
        const { vault } = desk.options;
        const kept = await vault.read(id);
        // Those that hold still are for what they were given for: a rotation leads none of them elsewhere.
        const { settings = now.settings } = kept;
        const all = rotated(kept.secrets, secrets, desk.now(), overlapUntil);
        await vault.write(id, { settings, secrets: all });
        const data = { action: "rotated", secrets: names, overlapUntil } as const;
        return await desk.record(caller, id, data);
      });
      const after = await desk.find(caller, id, offset);
      if (after.isEnabled) await installConnection(desk, id);
      return { answer: desk.view(after), isNew: false };
    },
  };
  return operation;
}

function remove(desk: ConnectionDesk): Operation<z.output<typeof connectionRequestSchema>, object> {
  return {
    name: "connection.remove",
    request: connectionRequestSchema,
    answer: emptyAnswerSchema,
    async run(caller, { id }) {
      await desk.assertMay(caller, "manage", id);
      await desk.find(caller, id);
      await uninstallConnection(desk, id);
      await desk.alone(id, async () => {
        await desk.record(caller, id, { action: "removed" });
        await desk.options.vault.remove(id);
        // A connection of this id that is made later begins anew.
        await desk.options.kv.delete(cursorKey(id));
      });
      desk.options.connections.forget(id);
      return { answer: {}, isNew: false };
    },
  };
}

/** What was given; absent fields are no changes. */
function given(changes: Changes): Changes {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function taken(id: string): AnywireError {
  return new AnywireError("conflict", `there is a connection ${id} already; choose another id`);
}

async function isFirst(
  desk: ConnectionDesk,
  { principal }: Caller,
  network: string,
): Promise<boolean> {
  const { connections } = desk.options;
  return (await connections.defaultOf(principal.platform, network)) === undefined;
}

function firstValues(secrets: Readonly<Record<string, string>>): Secrets {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [name, [{ value, until: null }]]),
  );
}

/** New values before the old ones, which hold until then; what holds no more goes. */
function rotated(
  kept: Secrets,
  fresh: Readonly<Record<string, string>>,
  now: number,
  overlapUntil: number,
): Secrets {
  const all = { ...kept };
  for (const [name, value] of Object.entries(fresh)) {
    const old = (kept[name] ?? []).map((one) => ({
      value: one.value,
      until: Math.min(one.until ?? overlapUntil, overlapUntil),
    }));
    const holding = old.filter((one) => one.until > now && one.value !== value);
    all[name] = [{ value, until: null }, ...holding];
  }
  return all;
}

/** @throws {AnywireError} `bad_request` when what stands in is the connection itself, `not_found` when there is none */
async function assertFallback(
  desk: ConnectionDesk,
  caller: Caller,
  id: string,
  fallback: ConnectionDocument["fallback"],
): Promise<void> {
  if (fallback === null) return;
  if (fallback.connection !== id) await desk.find(caller, fallback.connection);
  else throw new AnywireError("bad_request", `connection ${id} can't stand in for itself`);
}

/**
 * The accounts that take part in what somebody outside begins: a channel can only be opened with those that are known, so that one
 * that is not would lose what comes in.
 */
async function knownAccounts(
  desk: ConnectionDesk,
  caller: Caller,
  asked: readonly string[] | undefined,
): Promise<string[]> {
  const { platform, accountId } = caller.principal;
  const accounts = [...new Set(asked ?? [accountId])];
  const keys = accounts.map((id) => accountKey(platform, id));
  const { values } = await desk.options.state.get(keys, { atLeast: await desk.head() });
  const unknown = accounts.filter((_, i) => values[i] === undefined);
  if (unknown.includes(accountId)) await knowCaller(desk, caller);
  const others = unknown.filter((id) => id !== accountId);
  if (others.length === 0) return accounts;
  throw new AnywireError(
    "not_found",
    `${platform} knows no account ${others.slice(0, 5).join(", ")}; an account is known once it has connected or was saved at /v1/accounts`,
  );
}

async function knowCaller(desk: ConnectionDesk, { principal }: Caller): Promise<void> {
  const { platform, accountId } = principal;
  await desk.options.log.append({
    channel: notificationChannel(platform, accountId),
    // As when it first connects: of two that come at once, one makes it known.
    id: "first-seen",
    kind: "account",
    sender: `account:${accountId}`,
    dataJson: "{}",
  });
}
