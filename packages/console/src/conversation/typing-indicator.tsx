import type { ReactElement } from "react";
import { listNames } from "./people.ts";
import { useNames } from "./use-names.ts";

/** Who is typing. Its line is always there, so that nothing moves when someone starts. */
export function TypingIndicator({ typing }: { readonly typing: readonly string[] }): ReactElement {
  const nameOf = useNames();
  return (
    <p className="typing">
      {typing.length > 0 && (
        <>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {listNames(typing.map(nameOf))} {typing.length === 1 ? "is" : "are"} typing
        </>
      )}
    </p>
  );
}
