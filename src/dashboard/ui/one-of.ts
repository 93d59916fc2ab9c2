/** One of these; the first where an address says another, or nothing. */
export const oneOf = <Choice extends string>(
  value: string | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice => choices.find((choice) => choice === value) ?? choices[0]
