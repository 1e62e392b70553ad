import { type KeyboardEvent, type ReactElement, useId, useRef } from "react";
import { Icon } from "../app/icon.tsx";
import "./menu.css";

/** Something to choose. */
export interface MenuItem {
  readonly label: string;
  readonly onChoose: () => void;
}

/** Pixels between the button and what it opens. */
const GAP_PX = 4;

/** A button that opens a short list of things to do, above everything else on the page. */
export function Menu({
  label,
  items,
}: {
  readonly label: string;
  readonly items: readonly MenuItem[];
}): ReactElement {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);

  const place = (): void => {
    if (button.current === null || list.current === null) return;
    const { right, bottom, top } = button.current.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = list.current;
    const hasRoomBelow = bottom + GAP_PX + offsetHeight < innerHeight;
    list.current.style.left = `${Math.max(GAP_PX, right - offsetWidth)}px`;
    list.current.style.top = `${hasRoomBelow ? bottom + GAP_PX : top - GAP_PX - offsetHeight}px`;
    list.current.querySelector("button")?.focus();
  };
  const move = (event: KeyboardEvent): void => {
    // What is around the menu may have uses for arrows and Escape, too.
    event.stopPropagation();
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const from = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons.at((from + step) % buttons.length)?.focus();
  };
  const choose = ({ onChoose }: MenuItem): void => {
    list.current?.hidePopover();
    onChoose();
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        className="icon-button menu-button"
        aria-label={label}
        aria-haspopup="menu"
        popoverTarget={id}
      >
        <Icon name="more" />
      </button>
      <div
        ref={list}
        id={id}
        className="menu"
        role="menu"
        aria-label={label}
        popover="auto"
        tabIndex={-1}
        onToggle={({ newState }) => newState === "open" && place()}
        onKeyDown={move}
      >
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            className="menu-item"
            onClick={() => choose(item)}
          >
            {item.label}
          </button>
        ))}
      </div>
    </>
  );
}
