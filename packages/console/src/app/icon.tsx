import type { ReactElement } from "react";

const PATHS = {
  attach:
    "M14 7.5l-5.9 5.9a3.7 3.7 0 0 1-5.2-5.2l5.8-5.8a2.5 2.5 0 0 1 3.5 3.5l-5.8 5.8a1.2 1.2 0 0 1-1.8-1.7L10 4.6",
  back: "M10 3L5 8l5 5",
  check: "M3 8.5l3.2 3.2L13 5",
  checks: "M1.5 8.5l3 3.2L10.5 5M7.5 10.9l.8.8L14.5 5",
  chevron: "M6 3.5L10.5 8 6 12.5",
  clock: "M8 4.5V8l2.3 1.5M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5V2.8h7.7v7.7h-2.7M2.8 5.5h7.7v7.7H2.8z",
  edit: "M10.5 3l2.5 2.5L5.5 13H3v-2.5zM9 4.5L11.5 7",
  file: "M9.3 1.8H4v12.4h8V4.5zM9.3 1.8v2.7H12",
  image: "M2.2 3.2h11.6v9.6H2.2zM2.5 11.2l3.3-3.4 2.7 2.8 1.7-1.7 3.3 3.3M10.6 6.2h.01",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  mute: "M2.5 6.3v3.4h2.2L8 12.5v-9L4.7 6.3zM10.5 6.2l3.6 3.6M14.1 6.2l-3.6 3.6",
  place: "M8 14.2s4.5-4.3 4.5-7.6a4.5 4.5 0 0 0-9 0c0 3.3 4.5 7.6 4.5 7.6M8 6.6h.01",
  play: "M5 3l7.5 5L5 13z",
  plus: "M8 3v10M3 8h10",
  remove: "M3 4.5h10M6.3 4.5V3h3.4v1.5M4.3 4.5l.6 8.5h6.2l.6-8.5",
  reply: "M6.5 4L3 7.5 6.5 11M3 7.5h6.5a3.5 3.5 0 0 1 3.5 3.5v1.5",
  send: "M8 13V3.5M3.8 7.5L8 3.3l4.2 4.2",
  sound:
    "M6 12V4l6.2-1.4v8M6 12a1.8 1.8 0 1 1-3.6 0A1.8 1.8 0 0 1 6 12M12.2 10.6a1.8 1.8 0 1 1-3.6 0a1.8 1.8 0 0 1 3.6 0",
  warning: "M8 2.3L14.4 13.4H1.6zM8 6.6v3M8 11.5h.01",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof PATHS;

/** A small drawing in the colour of the text; with a label it says something, without it adorns. */
export function Icon({
  name,
  label,
  size = 16,
}: {
  readonly name: IconName;
  readonly label?: string;
  /** Pixels. */
  readonly size?: number;
}): ReactElement {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      width={size}
      height={size}
      role={label === undefined ? "presentation" : "img"}
      aria-label={label}
      aria-hidden={label === undefined}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
