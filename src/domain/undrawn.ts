/**
 * Characters by which a text reads otherwise than it is: controls, what no client draws or what turns
 * the direction of reading, lines of their own, private and unassigned ones, halves of pairs. Whether
 * they are refused, spelt out or taken away is their user's matter; look-alike letters are not here.
 * For `replaceAll` and `search`, which keep no place in an expression.
 */

/** Of a name or one line. Tags and the fillers of Hangul are ignorables; a blank of Braille is none. */
export const UNDRAWN = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu

/** Of a text of several lines. */
export const UNDRAWN_IN_LINES =
  /(?![\t\n])[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu

/**
 * Of prose, whose words and emoji are written with joiners, marks of direction and selectors: only what
 * turns or hides more than the character beside it.
 */
export const UNREADABLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu
