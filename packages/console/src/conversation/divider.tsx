import type { ReactElement } from "react";
import type { DividerRow } from "./rows.ts";
import { formatDay } from "./times.ts";

/** What stands between messages. */
export function Divider({ row }: { readonly row: DividerRow }): ReactElement {
  return (
    <li className="divider" data-type={row.type}>
      <span>{row.type === "day" ? formatDay(row.at, Date.now()) : recoveredText(row.count)}</span>
    </li>
  );
}

function recoveredText(count: number): string {
  return count === 1 ? "1 missed message recovered" : `${count} missed messages recovered`;
}
