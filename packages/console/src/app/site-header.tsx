import type { ReactElement } from "react";
import { Mark } from "./mark.tsx";

/** The product's name, and the channel that the page is about. */
export function SiteHeader({ channel }: { readonly channel: string }): ReactElement {
  return (
    <header className="site-header">
      <span className="wordmark">
        <Mark size={22} />
        Anywire
      </span>
      <code
        className="site-channel"
        title="The channel on this page; choose another with ?channel="
      >
        {channel}
      </code>
    </header>
  );
}
