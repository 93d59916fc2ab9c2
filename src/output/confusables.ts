/**
 * Characters that read as one of the letters of the boundary markers: data only, after Unicode
 * TR39. Decomposition (NFKD) covers full-width, mathematical, enclosed and accented letters, so
 * only what it leaves is listed. Folding serves comparison; nothing folded is ever shown.
 */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  A: 'ΑАᎪᗅꓮ𐊠𖽀ᴀꭺɑαа⍺4@Λ∀Ꭿ',
  C: 'ϹСᏟꓚⲤ𐊢𐌂𐐕𐔜🝌ϲсᴄⲥꮯ𐐽ⅭↃʗ¢©',
  D: 'ᎠᗞᗪꓓԁᏧᑯꓒᴅꭰ',
  E: 'ΕЕᎬⴹ⋿ꓰ𐊆℮еҽꬲᴇεɛєЄ3Ɛ€ⲈⲉƎꭼ',
  L: 'ᏞᒪꓡⳐⳑ𐐛𖼖ӀӏІіⅠ|ǀ∣ⵏꓲ𐊊𐌉𐌠ⲒΙιıɩI1ʟꮮﺍاוןⲓ',
  N: 'ΝꓠⲚ𐔓ոռпηɴℕИиЙñƝɲⲛ',
  O: 'ΟОՕ〇ⵔꓳⲞ0߀০୦౦೦൦๐໐၀០𐊒𐊫𐐄𐓂οоօᴏᴑσⲟ𐐬𐓪ဝಂംංഠØøꬽ∅',
  R: 'ᎡᏒᖇꓣƦ𐒴гᴦⲅꭇꭈꮁʀЯяꭱꮢ®',
  S: 'ЅՏᏕᏚꓢ𐊖𐐠𖼺ѕꜱƽꮪ𐑈5$§ʂ',
  T: 'ΤТᎢꓔⲦ⊤⟙𐊗𐊱𐌕𖼊🝨тτᴛꭲ†7Ⲧⲧƭ',
  U: 'ՍሀᑌꓴՄ∪⋃𐓎𖽂υսʋᴜꞟꭎꭒ𐓶цμ',
  X: 'ΧХꓫⵝᚷ╳ᎯⲬⲭ𐊐𐊴𐌗𐌢𐔧х×ᕁᕽ᙮⤫⤬⨯χ✕✖❌',
}

const buildFold = (): ReadonlyMap<string, string> => {
  const fold = new Map<string, string>()
  for (const [letter, alikes] of Object.entries(LOOK_ALIKES)) {
    for (const alike of alikes) fold.set(alike, letter)
  }
  // Negative circled and squared capitals and regional indicators have no decomposition.
  for (const first of [0x1f150, 0x1f170, 0x1f1e6]) {
    for (let i = 0; i < 26; i += 1) {
      fold.set(String.fromCodePoint(first + i), String.fromCharCode(65 + i))
    }
  }
  return fold
}

const FOLD = buildFold()

/** Shown as nothing: joiners, bidi controls, fillers, variation selectors, tags, combining marks. */
const INVISIBLE =
  /^[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}\p{Cc}\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800]$/u

/** The capitals `char` reads as: '' when it is invisible, itself when it is no letter of a marker. */
export const foldChar = (char: string): string => {
  const known = FOLD.get(char)
  if (known !== undefined) return known
  if (INVISIBLE.test(char)) return ''
  let folded = ''
  for (const part of char.normalize('NFKD')) {
    if (!INVISIBLE.test(part))
      folded += FOLD.get(part) ?? FOLD.get(part.toUpperCase()) ?? part.toUpperCase()
  }
  return folded
}

export const isInvisible = (char: string): boolean => INVISIBLE.test(char)

/** Opening and closing brackets in any script and arrow-like signs, as they stand around a marker. */
export const BRACKETS = '<>＜＞﹤﹥‹›«»〈〉〈〉⟨⟩《》⟪⟫≪≫⋘⋙⧼⧽˂˃❮❯❰❱⦑⦒ᐸᐳ⋖⋗≺≻⪻⪼⟻⟼⫷⫸ⲗ^'
