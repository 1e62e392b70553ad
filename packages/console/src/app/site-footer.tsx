import type { ReactElement } from "react";

/** Where to go from here. */
export function SiteFooter(): ReactElement {
  return (
    <footer className="site-footer">
      <p>
        Watch every channel from a terminal: <code>npx anywire tail 'production.&gt;'</code>
      </p>
      <a href="docs">API reference</a>
    </footer>
  );
}
