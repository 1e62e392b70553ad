import type { ReactElement } from "react";
import "./session.css";

/** Where one pastes a token. */
export function TokenField({
  label,
  value,
  onChange,
  isFirst = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isFirst?: boolean;
}): ReactElement {
  return (
    <label className="token-field">
      <span>{label}</span>
      <textarea
        rows={3}
        value={value}
        required={isFirst}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
