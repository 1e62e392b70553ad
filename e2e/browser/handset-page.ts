import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

/** The page on which one plays the persons at the other end, as one sees and uses it. */
export interface HandsetPage {
  readonly page: Page;
  /** Errors in the console, exceptions, and what the content security policy blocked. */
  readonly problems: readonly string[];
  /** What somebody holds in their hands, once it is open. */
  device(person: string, network: string): Device;
  /** Opens the handset of somebody who is in the list, by what was last said. */
  openBy(lastSaid: string): Promise<void>;
  /** Adds somebody to a network, and opens their handset. */
  add(network: string, person: string): Promise<void>;
}

/** One handset. */
export interface Device {
  readonly root: Locator;
  readonly field: Locator;
  /** Writes a message and sends it with Enter. */
  say(text: string): Promise<void>;
  /** Resolves when a text stands there. */
  shows(text: string | RegExp): Promise<void>;
  /** Chooses in its menu. */
  choose(item: string): Promise<void>;
}

/** Opens the page on a device of its own, and waits until the networks are there. */
export async function openHandsetPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { readonly search?: string } = {},
): Promise<HandsetPage> {
  const { search = "", ...rest } = options;
  const context = await browser.newContext(rest);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(`${url}/handset${search}`);
  const rail = page.getByRole("navigation", { name: "Networks" });
  await page
    .getByText("Live", { exact: true })
    .or(page.locator(".device").first())
    .first()
    .waitFor();
  return {
    page,
    problems,
    device: (person, network) => deviceOf(page, `${person} on ${network}`),
    openBy: (lastSaid) => rail.getByRole("button", { name: lastSaid }).click(),
    async add(network, person) {
      const section = rail.getByRole("region", { name: network, exact: true });
      await section.getByRole("button", { name: "Add" }).click();
      await section.getByRole("textbox").fill(person);
      await page.keyboard.press("Enter");
    },
  };
}

function deviceOf(page: Page, name: string): Device {
  const root = page.getByRole("region", { name, exact: true });
  const field = root.getByRole("textbox", { name: /^Message of/ });
  return {
    root,
    field,
    async say(text) {
      await field.fill(text);
      await field.press("Enter");
    },
    shows: (text) => root.getByText(text).first().waitFor(),
    async choose(item) {
      await root.getByRole("button", { name: "Options of" }).click();
      await page.getByRole("menuitem", { name: item, exact: true }).click();
    },
  };
}
