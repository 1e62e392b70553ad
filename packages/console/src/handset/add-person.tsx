import type { HandsetNetwork } from "@anywire/types";
import { type FormEvent, type ReactElement, useEffect, useId, useRef, useState } from "react";
import { checkPerson, nextPerson } from "./check-person.ts";

/** Asks who one wants to be on a network: somebody new, or somebody with another number. */
export function AddPerson({
  identity: { label, example },
  taken,
  initial,
  action = "Open",
  failure,
  onAdd,
  onCancel,
}: {
  readonly identity: HandsetNetwork["identity"];
  readonly taken: readonly string[];
  /** Default: one like the example that nobody is. */
  readonly initial?: string;
  readonly action?: string;
  /** Why the network refused it. */
  readonly failure?: string | undefined;
  readonly onAdd: (person: string) => void;
  readonly onCancel: () => void;
}): ReactElement {
  const [text, setText] = useState(() => initial ?? nextPerson(example, taken));
  const [problem, setProblem] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const problemId = useId();
  useEffect(() => field.current?.select(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const checked = checkPerson(text, label, example);
    if ("problem" in checked) setProblem(checked.problem);
    else onAdd(checked.person);
  };
  const said = problem ?? failure;
  return (
    <form
      className="add-person"
      onSubmit={submit}
      onKeyDown={({ key }) => key === "Escape" && onCancel()}
    >
      <input
        ref={field}
        type="text"
        aria-label={`${label.charAt(0).toUpperCase()}${label.slice(1)}`}
        aria-invalid={said !== undefined}
        aria-describedby={said === undefined ? undefined : problemId}
        value={text}
        placeholder={example}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={300}
        onChange={(event) => {
          setText(event.target.value);
          setProblem(undefined);
        }}
      />
      <button type="submit" className="button button-primary">
        {action}
      </button>
      {said !== undefined && (
        <span id={problemId} className="add-person-problem" role="alert">
          {said}
        </span>
      )}
    </form>
  );
}
