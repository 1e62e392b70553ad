import { formatSize } from "./format-size.ts";

/**
 * What is wrong with an upload. An error says that first and, after a semicolon, what to do, for who runs the server: on the
 * page buttons say it. A number of bytes is told as people say it.
 */
export function refusalText({ message }: Error): string {
  const [problem = message] = message.split(";");
  return problem.replace(/(\d{4,}) bytes/, (_, bytes: string) => formatSize(Number(bytes)));
}
