/** The operator's own credential: how long it is at least, wherever it is taken or looked at. */

/** Of random printable characters; below that guessing becomes thinkable. */
export const MIN_TOKEN_CHARS = 24
