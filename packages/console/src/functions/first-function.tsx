import type { DeploymentAnswer } from "@anywire/types";
import { type ReactElement, useState } from "react";
import { Icon } from "../app/icon.tsx";
import { Mark } from "../app/mark.tsx";
import "./first-function.css";

const CODE = `import { beforePublish } from "@anywire/functions";

export default beforePublish("*.group.*", (event, { log }) => {
  log.info("someone says", { text: event.message.text });
  if (event.message.text.includes("spam")) {
    return event.abort("no spam, please");
  }
  return event.ok();
});
`;

/** Browsers have none on pages that came over plain HTTP from elsewhere. */
const HAS_CLIPBOARD = "clipboard" in navigator;

/** What stands where there are no functions yet: how to make the first one. */
export function FirstFunction({
  source,
}: {
  readonly source: DeploymentAnswer["source"];
}): ReactElement {
  return (
    <div className="first-function">
      <Mark size={40} />
      <h2 className="first-function-title">No functions yet</h2>
      {source === "directory" ? (
        <p>
          Save this as <code>functions/hello.ts</code> where the server was started. It runs at
          once, and each time you save it.
        </p>
      ) : (
        <p>
          Save this as <code>functions/hello.ts</code>, then put it up with{" "}
          <code>anywire functions deploy</code>.
        </p>
      )}
      <Code text={CODE} />
      <p>
        Then say something with “spam” in the lobby: whoever says it is told why it can’t be sent.
      </p>
    </div>
  );
}

function Code({ text }: { readonly text: string }): ReactElement {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
  };
  return (
    <figure className="first-function-code">
      <figcaption>
        <code>functions/hello.ts</code>
        {HAS_CLIPBOARD && (
          <button type="button" className="button" onClick={() => void copy()}>
            <Icon name={isCopied ? "check" : "copy"} />
            <span aria-live="polite">{isCopied ? "Copied" : "Copy"}</span>
          </button>
        )}
      </figcaption>
      <pre>{text}</pre>
    </figure>
  );
}
