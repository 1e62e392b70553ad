import type { ReactElement, ReactNode } from "react";
import { Mark } from "./mark.tsx";

/** The product's name, and the ways to other pages. */
export function SiteHeader({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <header className="site-header">
      <span className="wordmark">
        <Mark size={22} />
        <span className="wordmark-name">Anywire</span>
      </span>
      <nav className="site-links" aria-label="Pages">
        {children}
      </nav>
    </header>
  );
}
