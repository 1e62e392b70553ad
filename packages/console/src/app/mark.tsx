import type { ReactElement } from "react";

/** The mark of Anywire: two ends of one wire. */
export function Mark({ size }: { readonly size: number }): ReactElement {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d="M5 17C12.5 17 11.5 7 19 7" />
      <circle cx="5" cy="17" r="3" />
      <circle cx="19" cy="7" r="3" />
    </svg>
  );
}
