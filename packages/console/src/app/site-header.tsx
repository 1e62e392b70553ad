import type { ReactElement } from "react";
import { displayName } from "../conversation/people.ts";
import { Mark } from "./mark.tsx";

/** The product's name, and the way between both sides and one account's own page. */
export function SiteHeader({
  account,
  accounts,
}: {
  /** Whose page this is; undefined when it shows several sides. */
  readonly account: string | undefined;
  readonly accounts: readonly string[];
}): ReactElement {
  return (
    <header className="site-header">
      <span className="wordmark">
        <Mark size={22} />
        Anywire
      </span>
      <nav className="site-links" aria-label="Pages">
        {account !== undefined && <a href="./">Both sides</a>}
        {account === undefined &&
          accounts.map((one) => (
            <a key={one} href={`?as=${one}`} target="_blank" rel="noopener">
              Only {displayName(`account:${one}`)}
            </a>
          ))}
      </nav>
    </header>
  );
}
