import type { ReactElement } from "react";
import "./avatar.css";

/** The first letter of a name: round for a person, square for a group. */
export function Avatar({
  name,
  isPerson,
}: {
  readonly name: string;
  readonly isPerson: boolean;
}): ReactElement {
  return (
    <span className="avatar" data-person={isPerson} aria-hidden="true">
      {[...name][0]}
    </span>
  );
}
