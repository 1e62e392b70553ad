import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { type Pane, paneOf } from "./first-page.ts";

/** The page of one account on one device, as one sees and uses it. */
export interface AccountPage extends Pane {
  readonly page: Page;
  /** Errors in the console, exceptions, and what the content security policy blocked. */
  readonly problems: readonly string[];
  /** How often the page was loaded. */
  loads(): number;
  /** A channel's row in the list. */
  row(title: string): Locator;
  /** Resolves when a channel stands in the list. */
  lists(title: string): Promise<void>;
  /** Resolves when a channel stands nowhere in the list. */
  misses(title: string): Promise<void>;
  /** Resolves when so many messages of a channel are unread. */
  counts(title: string, unread: number): Promise<void>;
  /** Resolves when the window is called so. */
  isCalled(title: string): Promise<void>;
  /** Opens a channel of the list. */
  open(title: string): Promise<void>;
  /** Chooses in a channel's menu. */
  choose(title: string, item: string): Promise<void>;
  /** Opens a new group, and goes there. */
  openGroup(title: string, ...accounts: string[]): Promise<void>;
  /** Opens the direct channel with another, and goes there. */
  openDirect(account: string): Promise<void>;
  /** Opens the channel to somebody outside, and goes there; `label` is that of the field with the address. */
  openOutside(network: string, label: string, address: string): Promise<void>;
  /** Resolves when the last message of the open channel fares so. */
  ticks(status: string): Promise<void>;
  /** Does something with a message. */
  use(text: string, tool: string): Promise<void>;
  /** What can be done with a message. */
  tools(text: string): Promise<string[]>;
  /** Chooses files for the next message; does not wait for their uploads. */
  attach(...files: ChosenFile[]): Promise<void>;
  /** Resolves when everything is uploaded, and sends it. */
  sendAttached(): Promise<void>;
  /** An image of a message, by its name. */
  picture(name: string): Locator;
}

/** A file as one chooses it. */
export interface ChosenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** Opens an account's page on a device of its own, and waits until its channels are there. */
export async function openAccountPage(
  browser: Browser,
  url: string,
  account: string,
  options: BrowserContextOptions = {},
): Promise<AccountPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(`${url}/?as=${account}`);
  const pane = paneOf(page, `pane-${account}`);
  const list = pane.root.getByRole("navigation");
  const rowsOf = (title: string): Locator => list.getByRole("listitem").filter({ hasText: title });
  const fill = async (type: string, fields: Readonly<Record<string, string>>): Promise<void> => {
    await list.getByRole("button", { name: "New channel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(type, { exact: true }).click();
    for (const [label, value] of Object.entries(fields)) {
      await dialog.getByLabel(label, { exact: true }).fill(value);
    }
    await dialog.getByRole("button", { name: "Open" }).click();
    await dialog.waitFor({ state: "detached" });
  };
  const messageOf = (text: string): Locator => {
    const said = page.getByRole("paragraph").and(page.getByText(text, { exact: true }));
    return pane.root.getByRole("listitem").filter({ has: said });
  };
  await rowsOf("Lobby").waitFor();
  return {
    ...pane,
    page,
    problems,
    loads: () => loads,
    row: rowsOf,
    lists: (title) => rowsOf(title).waitFor(),
    misses: (title) => rowsOf(title).waitFor({ state: "detached" }),
    counts: (title, unread) =>
      unread === 0
        ? rowsOf(title).getByText("unread").waitFor({ state: "detached" })
        : rowsOf(title).getByText(`${unread} unread`, { exact: true }).waitFor(),
    async isCalled(title) {
      await page.waitForFunction((wanted) => document.title === wanted, title);
    },
    open: (title) => rowsOf(title).getByRole("button").first().click(),
    async choose(title, item) {
      await rowsOf(title).hover();
      await list.getByRole("button", { name: `Options of ${title}` }).click();
      await page.getByRole("menuitem", { name: item, exact: true }).click();
    },
    openGroup: (title, ...accounts) =>
      fill("Group", { Title: title, Accounts: accounts.join(", ") }),
    openDirect: (other) => fill("Direct", { Account: other }),
    openOutside: (network, label, address) => fill(network, { [label]: address }),
    ticks: (status) =>
      pane.root.getByRole("log").getByRole("img", { name: status, exact: true }).last().waitFor(),
    async use(text, tool) {
      await messageOf(text).hover();
      await messageOf(text).getByRole("button", { name: tool }).click();
    },
    async tools(text) {
      await messageOf(text).hover();
      const buttons = messageOf(text).getByRole("toolbar").getByRole("button");
      return buttons.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? ""));
    },
    attach: (...files) => pane.root.locator("input[type=file]").setInputFiles(files),
    sendAttached: () => pane.press("Send"),
    picture: (name) => pane.root.getByRole("log").getByRole("img", { name, exact: true }),
  };
}
