/** Long lists of names, written as running text: `names('curl wget')`. */
export const names = (text: string): readonly string[] => text.split(' ')

const isVersionChar = (char: string | undefined): boolean =>
  char !== undefined && '0123456789.-'.includes(char)

/** `python3.11`, `perl5.36` and `gcc-12` are what they are without the number. */
export function withoutVersion(name: string): string {
  let end = name.length
  while (end > 0 && isVersionChar(name[end - 1])) end -= 1
  return name.slice(0, end)
}
