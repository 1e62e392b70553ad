import { type FormEvent, type ReactElement, useState } from "react";
import { TokenField } from "./token-field.tsx";
import "./session.css";

/** Asks for the tokens of one account, or of two to see both sides. */
export function TokenForm({
  onTokens,
}: {
  readonly onTokens: (tokens: readonly string[]) => void;
}): ReactElement {
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const tokens = [first, second].map((token) => token.trim()).filter(Boolean);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (tokens.length > 0) onTokens(tokens);
  };

  return (
    <form className="card token-form" onSubmit={submit}>
      <h1 className="card-title">Sign in with a token</h1>
      <p className="card-text">
        This server hands out none by itself. Make one where it runs, for each side of the
        conversation:
      </p>
      <pre className="card-code">anywire token --account bob</pre>
      <TokenField label="Token" value={first} onChange={setFirst} isFirst />
      <TokenField label="Second token (optional)" value={second} onChange={setSecond} />
      <button type="submit" className="button button-primary" disabled={tokens.length === 0}>
        Open the conversation
      </button>
    </form>
  );
}
