import {
  type Account,
  type AccountChange,
  type AccountsPage,
  accountChangeSchema,
  accountIdSchema,
  accountSchema,
  accountsPageSchema,
  type Device,
  type Devices,
  deviceSchema,
  devicesSchema,
  notificationChannel,
  type SaveAccountRequest,
  type Snapshot,
  saveAccountRequestSchema,
  saveDeviceRequestSchema,
  snapshotSchema,
} from "@anywire/types";
import { z } from "zod";
import { readMemberships } from "../inbox/memberships.ts";
import { channelSummary, totalsOf } from "../inbox/summary.ts";
import type { DeviceDocument } from "../state/documents.ts";
import { accountKey, DEVICE, deviceKey } from "../state/state-key.ts";
import type { MessagingContext } from "./messaging-context.ts";
import { type Caller, done, emptyAnswerSchema, type Operation, ownPartition } from "./operation.ts";

const nothing = z.strictObject({});
const byId = z.strictObject({ id: accountIdSchema });
const byDevice = z.strictObject({ id: deviceSchema.shape.id });
const listRequest = z.strictObject({
  cursor: accountIdSchema.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** What can be done with accounts, and what an account can do with itself. */
export function accountOperations(context: MessagingContext): Operation[] {
  return [
    snapshot(context),
    updateMe(context),
    listDevices(context),
    addDevice(context),
    removeDevice(context),
    getAccount(context),
    saveAccount(context),
    listAccounts(context),
  ];
}

function snapshot(context: MessagingContext): Operation<object, Snapshot> {
  return {
    name: "me.snapshot",
    request: nothing,
    answer: snapshotSchema,
    async run(caller) {
      await context.knowAccount(caller);
      const { all, position } = await readMemberships(context.state, ownPartition(caller));
      const channels = all
        .filter(({ membership }) => membership.leftOffset === null)
        .map(({ document, membership }) => channelSummary(document, membership))
        .sort((a, b) => b.activityOffset - a.activityOffset);
      // Read after the channels: what it is ahead of them comes once more as an event.
      const account = await accountOf(context, caller, caller.principal.accountId);
      const totals = totalsOf(channels);
      return done({ account, channels, totals, offset: position, epoch: context.log.epoch });
    },
  };
}

function updateMe(context: MessagingContext): Operation<AccountChange, Account> {
  return {
    name: "me.update",
    request: accountChangeSchema,
    answer: accountSchema,
    async run(caller, data) {
      context.pipeline.assertFits(data);
      await context.record(caller, { channel: ownPartition(caller), kind: "account", data });
      return done(await accountOf(context, caller, caller.principal.accountId));
    },
  };
}

function listDevices(context: MessagingContext): Operation<object, Devices> {
  return {
    name: "me.devices",
    request: nothing,
    answer: devicesSchema,
    async run(caller) {
      const { items } = await context.state.list({
        partition: ownPartition(caller),
        prefix: DEVICE,
      });
      return done({ devices: items.map(({ value }) => value as DeviceDocument) });
    },
  };
}

function addDevice(
  context: MessagingContext,
): Operation<z.output<typeof saveDeviceRequestSchema>, Device> {
  return {
    name: "device.add",
    request: saveDeviceRequestSchema,
    answer: deviceSchema,
    async run(caller, { id, kind, ...given }) {
      const partition = ownPartition(caller);
      const known = await context.get(deviceKey(partition, id));
      const { name = known?.name ?? null, push = known?.push ?? null } = given;
      const device = { id, kind, name, push };
      const data = { action: "add", device } as const;
      await context.record(caller, { channel: partition, kind: "device", data });
      const gone = `device ${id} was removed meanwhile`;
      const saved = await context.find(deviceKey(partition, id), gone);
      return { answer: saved, isNew: known === undefined };
    },
  };
}

function removeDevice(context: MessagingContext): Operation<z.infer<typeof byDevice>, object> {
  return {
    name: "device.remove",
    request: byDevice,
    answer: emptyAnswerSchema,
    async run(caller, { id }) {
      const partition = ownPartition(caller);
      await context.find(deviceKey(partition, id), `there is no device ${id}`);
      const data = { action: "remove", id } as const;
      await context.record(caller, { channel: partition, kind: "device", data });
      return done({});
    },
  };
}

function getAccount(context: MessagingContext): Operation<z.infer<typeof byId>, Account> {
  return {
    name: "account.get",
    request: byId,
    answer: accountSchema,
    run: async (caller, { id }) => done(await accountOf(context, caller, id)),
  };
}

function saveAccount(context: MessagingContext): Operation<SaveAccountRequest, Account> {
  return {
    name: "account.save",
    request: saveAccountRequestSchema,
    answer: accountSchema,
    async run(caller, { id, ...data }) {
      const { platform, accountId } = caller.principal;
      const channel = notificationChannel(platform, id);
      context.pipeline.assertFits(data);
      if (id !== accountId) await context.access.assertMay(caller.principal, "manage", channel);
      const isNew = (await context.get(accountKey(platform, id))) === undefined;
      await context.record(caller, { channel, kind: "account", data });
      return { answer: await accountOf(context, caller, id), isNew };
    },
  };
}

function listAccounts(
  context: MessagingContext,
): Operation<z.output<typeof listRequest>, AccountsPage> {
  return {
    name: "account.list",
    request: listRequest,
    answer: accountsPageSchema,
    async run({ principal }, { cursor, limit }) {
      const { platform } = principal;
      const { items, hasMore } = await context.state.list({
        partition: `${platform}/accounts`,
        prefix: "",
        limit,
        ...(cursor === undefined ? {} : { after: cursor }),
      });
      const found = await context.getAll(items.map(({ sort }) => accountKey(platform, sort)));
      const accounts = found.filter((account) => account !== undefined);
      const last = items.at(-1)?.sort;
      return done({ accounts, ...(hasMore && last !== undefined ? { cursor: last } : {}) });
    },
  };
}

async function accountOf(
  context: MessagingContext,
  { principal }: Caller,
  id: string,
): Promise<Account> {
  const { platform } = principal;
  return await context.find(accountKey(platform, id), `${platform} knows no account ${id}`);
}
