import type { ReactElement } from "react";
import "./network-colors.css";

const BUBBLE = "M3.5 4.5h13v9h-7l-3.500 3v-3h-2.500z";

const PATHS: Readonly<Record<string, string>> = {
  sms: `${BUBBLE}M7 9h.01M10 9h.01M13 9h.01`,
  whatsapp:
    "M3.500 16.500l1-3.300a6.800 6.800 0 1 1 2.500 2.400zM7.700 7.300c-.500 2.600 2.400 5.500 5 5l.400-1.500-1.600-.700-.900.700a4 4 0 0 1-1.400-1.400l.700-.900-.700-1.600z",
  telegram: "M3 9.700L17 4l-2.500 12-4.300-3.200-2.200 2.200-.500-4L14 6.500M7.500 11L3 9.700",
  x: "M4.500 4.500l11 11M15.500 4.500l-4.400 4.700M8.900 11.300l-4.400 4.200",
  linkedin: "M5.500 8.500v6.500M5.500 5.500h.01M9 15V8.500M9 11a2.700 2.700 0 0 1 5.500 0v4",
  slack: "M8 3.500l-1.500 13M13.500 3.500l-1.500 13M4 7.500h12.500M3.500 12.500H16",
  email: "M3 5h14v10.500H3zM3.300 5.500L10 11l6.700-5.500",
  pigeon:
    "M3 12.500c3.500.5 4.500-1.500 5.500-4C9.300 6.500 10.700 4.500 13 4.500c1.500 0 2.300.8 2.600 1.900l1.900.9-1.900.7c.2 4-2.600 6.500-6.100 6.500-2.700 0-5-.5-6.500-2M9.500 14.500V17M11.500 14.300V17M13 7h.01",
};

const ANY = "M10 4v12M4 10h12M5.800 5.800l8.400 8.400M14.200 5.800l-8.400 8.400";

/** A small drawing that stands for a network; it adorns, and says nothing. */
export function NetworkGlyph({
  network,
  size = 28,
}: {
  readonly network: string;
  /** Pixels. */
  readonly size?: number;
}): ReactElement {
  return (
    <span className="network-glyph" data-network={network} aria-hidden="true">
      <svg className="icon" viewBox="0 0 20 20" width={size} height={size} role="presentation">
        <path d={PATHS[network] ?? ANY} />
      </svg>
    </span>
  );
}
