import type { KeyboardEvent, ReactElement, ReactNode } from "react";

/** One of several views in the same place. */
export interface TabItem<Id extends string> {
  readonly id: Id;
  readonly label: ReactNode;
}

/** Chooses between views; each is an element with the role `tabpanel` and the id `<id>-panel`. */
export function Tabs<Id extends string>({
  label,
  items,
  active,
  onSelect,
}: {
  readonly label: string;
  readonly items: readonly TabItem<Id>[];
  readonly active: Id;
  readonly onSelect: (id: Id) => void;
}): ReactElement {
  const move = (event: KeyboardEvent<HTMLElement>): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = items.at((items.findIndex(({ id }) => id === active) + step) % items.length);
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    onSelect(next.id);
    event.currentTarget.querySelector<HTMLElement>(`#${next.id}-tab`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {items.map(({ id, label }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`${id}-tab`}
          className="tab"
          aria-selected={id === active}
          aria-controls={`${id}-panel`}
          tabIndex={id === active ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
