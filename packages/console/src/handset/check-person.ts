/** A person as a network knows them, or what is wrong with what was written. */
export type CheckedPerson = { readonly person: string } | { readonly problem: string };

/** What else is used to write numbers readably. */
const READABLE = /[\s().-]/g;

/** Whether somebody can be called so where others are called like the example; the network itself decides when they write. */
export function checkPerson(text: string, label: string, example: string): CheckedPerson {
  const given = text.trim();
  const problem = `Write ${label}, such as ${example}.`;
  if (given === "") return { problem };
  if (/^\+?\d{7,}$/.test(example)) {
    const digits = given.replace(READABLE, "");
    const number = example.startsWith("+") ? digits : digits.replace(/^\+/, "");
    const isNumber = example.startsWith("+")
      ? /^\+[1-9]\d{6,14}$/.test(number)
      : /^\d{1,20}$/.test(number);
    return isNumber ? { person: number } : { problem };
  }
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(example)) {
    return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(given) ? { person: given } : { problem };
  }
  return /^\P{Cc}{1,300}$/u.test(given) ? { person: given } : { problem };
}

/** A person to add next: the example, or like it with another number where that is taken. */
export function nextPerson(example: string, taken: readonly string[]): string {
  const [, before = "", digits = "", after = ""] = /^([^@]+?)(\d*)(@.*)?$/.exec(example) ?? [
    "",
    example,
  ];
  for (let i = 0; i <= taken.length; i++) {
    const person = i === 0 ? example : `${before}${counted(digits, i)}${after}`;
    if (!taken.includes(person)) return person;
  }
  return example;
}

function counted(digits: string, by: number): string {
  if (digits === "") return `${by + 1}`;
  return (BigInt(digits) + BigInt(by)).toString().padStart(digits.length, "0");
}
