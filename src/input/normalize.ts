/**
 * The text as it is matched, never as it is stored or shown: compatibility forms folded (NFKC),
 * invisible and bidirectional controls removed, look-alike letters of other scripts read as Latin,
 * lower case.
 */

const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu

/** Cyrillic and Greek letters that read as Latin ones (TR39, lower case only). */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  а: 'a',
  в: 'b',
  е: 'e',
  ё: 'e',
  і: 'i',
  ї: 'i',
  ј: 'j',
  к: 'k',
  ӏ: 'l',
  м: 'm',
  н: 'h',
  о: 'o',
  р: 'p',
  ѕ: 's',
  т: 't',
  у: 'y',
  х: 'x',
  с: 'c',
  ԁ: 'd',
  ԛ: 'q',
  ԝ: 'w',
  α: 'a',
  ε: 'e',
  ι: 'i',
  κ: 'k',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
  ı: 'i',
  ⅼ: 'l',
}
const LOOK_ALIKE = /[αεικνορτυχавеёіїјкӏмнорѕтухсԁԛԝıⅼ]/g
/** Anything but ASCII. */
const NON_ASCII = /[\u0080-\uffff]/

export const normalizeForMatching = (text: string): string => {
  // Ordinary ASCII text needs nothing but its case folded.
  if (!NON_ASCII.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .toLowerCase()
    .replace(LOOK_ALIKE, (char) => LOOK_ALIKES[char] ?? char)
}
