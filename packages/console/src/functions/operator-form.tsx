import { type FormEvent, type ReactElement, useState } from "react";
import { TokenField } from "../session/token-field.tsx";

/** Makes the tokens, where the server runs. */
const COMMANDS = `anywire token --account ops --platform anywire \\
  --subscribe --publish --manage "anywire.system.*"
anywire token --account ops \\
  --subscribe "production.system.*" --publish --manage`;

/** Asks for the tokens of whoever looks after functions. */
export function OperatorForm({
  onTokens,
}: {
  readonly onTokens: (token: string, logToken: string | undefined) => void;
}): ReactElement {
  const [token, setToken] = useState("");
  const [logToken, setLogToken] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onTokens(token.trim(), logToken.trim() || undefined);
  };
  return (
    <form className="card token-form" onSubmit={submit}>
      <h1 className="card-title">Look after functions</h1>
      <p className="card-text">
        This needs a token of platform <code>anywire</code>, and to follow what functions log one of
        the platform they run for. Make them where the server runs:
      </p>
      <pre className="card-code">{COMMANDS}</pre>
      <TokenField label="Token of platform anywire" value={token} onChange={setToken} isFirst />
      <TokenField label="Token for the log (optional)" value={logToken} onChange={setLogToken} />
      <button type="submit" className="button button-primary" disabled={token.trim() === ""}>
        Open functions
      </button>
    </form>
  );
}
