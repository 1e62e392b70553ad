import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

/** The page of two people, as one sees and uses it. */
export interface FirstPage {
  readonly page: Page;
  readonly bob: Pane;
  readonly june: Pane;
  /** Errors in the console, exceptions, and what the content security policy blocked. */
  readonly problems: readonly string[];
}

/** One person's side. */
export interface Pane {
  readonly root: Locator;
  readonly field: Locator;
  /** Writes a message and sends it with Enter; does not wait for the server. */
  say(text: string): Promise<void>;
  /** Resolves when a text stands somewhere on this side. */
  shows(text: string | RegExp): Promise<void>;
  /** Resolves when a text stands nowhere on this side. */
  hides(text: string | RegExp): Promise<void>;
  press(button: string): Promise<void>;
  /** Resolves when exactly so many messages are there and none is on its way; gives their texts in order. */
  settled(count: number): Promise<string[]>;
}

/** Opens the page, and waits for nothing. */
export async function openFirstPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<FirstPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(url);
  return { page, bob: paneOf(page, "pane-bob"), june: paneOf(page, "pane-june"), problems };
}

/** The side whose element has an id. */
export function paneOf(page: Page, id: string): Pane {
  const root = page.locator(`#${id}`);
  const field = root.getByRole("textbox");
  const messages = root.getByRole("listitem").getByRole("paragraph");
  return {
    root,
    field,
    async say(text) {
      await field.fill(text);
      await field.press("Enter");
    },
    shows: (text) => root.getByText(text).first().waitFor(),
    hides: (text) => root.getByText(text).first().waitFor({ state: "hidden" }),
    press: (name) => root.getByRole("button", { name, exact: true }).click(),
    async settled(count) {
      await root.getByRole("img", { name: "Sending" }).first().waitFor({ state: "hidden" });
      await messages.nth(count - 1).waitFor();
      return messages.allTextContents();
    },
  };
}
