/** The part of `DataTransfer` that is used here. */
type Pasted = Pick<DataTransfer, "types" | "files">;

/**
 * The files of what is pasted. None where a program wrote its text both plain and formatted: then the file is a picture
 * of that text, as from a spreadsheet.
 */
export function pastedFiles({ types, files }: Pasted): File[] {
  const isText = types.includes("text/plain") && types.includes("text/html");
  return isText ? [] : [...files];
}
